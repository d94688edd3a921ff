// expect: stopped
// limit: time=300ms
2n ** 100000000n ** 2n
