// expect: stopped
// limit: time=300ms
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
