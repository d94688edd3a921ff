# expect: stopped
# limit: time=300ms
9 ** 9 ** 9
