// expect: ok
'x'.repeat(20_000_000)
