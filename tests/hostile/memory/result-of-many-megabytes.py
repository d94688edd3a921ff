# expect: ok
'x' * 20_000_000
