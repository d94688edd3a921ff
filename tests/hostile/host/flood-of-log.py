# expect: ok
# shows: bytes of output left out
for n in range(300): tars.log('x' * 1000)
