# expect: timedOut
# limit: output=10000 time=500ms
while True: print('y')
