# expect: timedOut
# limit: time=300ms
while True:
    try:
        while True: pass
    except BaseException:
        pass
