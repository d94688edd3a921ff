// expect: stopped
// limit: memory=96MiB
let x = 'x'; for (;;) x += x
