# expect: timedOut
# limit: time=300ms
import time
while True: time.sleep(1000)
