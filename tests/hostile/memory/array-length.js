// expect: stopped
// limit: memory=96MiB
new Array(2 ** 32 - 1).fill(0)
