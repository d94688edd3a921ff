# expect: ok
# limit: output=10000
# shows: bytes of output left out
for n in range(5000): print('flood', n)
