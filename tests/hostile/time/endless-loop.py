# expect: timedOut
# limit: time=300ms
while True: pass
