// expect: timedOut
// limit: time=300ms
await new Promise((resolve) => setTimeout(resolve, 1e9))
