// expect: timedOut
// limit: time=300ms
/^(a+)+$/.test('a'.repeat(40) + 'b')
