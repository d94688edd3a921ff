# The cell is over, its result is not.
# expect: timedOut
# limit: time=300ms
class Slow:
    def __repr__(self):
        while True: pass
Slow()
