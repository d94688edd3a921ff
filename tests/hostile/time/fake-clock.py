# The deadline is the host's: a cell's clock does not move it.
# expect: timedOut
# limit: time=300ms
import time
time.monotonic = time.time = lambda: 0
while True: pass
