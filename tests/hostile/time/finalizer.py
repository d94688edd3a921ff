# expect: ok
# An object whose finalizer never ends is collected in a later cell, which its own deadline stops.
# limit: time=2s
class Late:
    def __del__(self): print('finalized')
late = Late()
late.self = late
del late
1
