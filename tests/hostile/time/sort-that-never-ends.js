// expect: timedOut
// limit: time=300ms
[3, 1, 2].sort(() => { for (;;) {} })
