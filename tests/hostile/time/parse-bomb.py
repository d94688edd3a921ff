# expect: stopped
# limit: time=1s
eval('-' * 1000000 + '1')
