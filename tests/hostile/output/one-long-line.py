# expect: ok
# limit: output=10000
# shows: bytes of output left out
print('x' * 5_000_000)
