// expect: timedOut
// limit: time=300ms
new Proxy({}, { ownKeys() { for (;;) {} } })
