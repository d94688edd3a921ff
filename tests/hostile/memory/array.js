// expect: stopped
// limit: memory=96MiB
const bomb = []; for (;;) bomb.push(new Uint8Array(1 << 20).fill(1))
