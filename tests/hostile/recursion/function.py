# shows: RecursionError
def f(): return f()
f()
