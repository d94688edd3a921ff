# expect: failed
eval('(' * 100000 + ')' * 100000)
