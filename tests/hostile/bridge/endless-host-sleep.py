# expect: timedOut
# limit: time=300ms
from wit_world.imports import host
while True: host.sleep(4294967295)
