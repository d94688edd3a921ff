# One call into C that runs for hours.
# expect: timedOut
# limit: time=300ms
sum(range(10 ** 12))
