// expect: stopped
// limit: time=300ms
await { then(resolve) { resolve(this) } }
