// expect: timedOut
// limit: time=300ms
Thread.Sleep 3600000
