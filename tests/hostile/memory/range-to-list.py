# expect: stopped
# limit: memory=96MiB
list(range(10 ** 9))
