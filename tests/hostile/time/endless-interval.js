// expect: timedOut
// limit: time=300ms
setInterval(() => {}, 0)
