# A broken code object: undefined behaviour in native CPython, a trap here.
# expect: stopped
# limit: time=2s
def f(): pass
f.__code__ = f.__code__.replace(co_code=bytes([100, 255] * 20), co_consts=())
f()
