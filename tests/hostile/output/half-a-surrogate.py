# expect: ok
# shows: \ud800
print('\ud800')
