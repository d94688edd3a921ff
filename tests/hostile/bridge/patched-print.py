# A cell may spoil its own runtime, nothing else.
# expect: ok
import builtins
builtins.print = lambda *a: None
1
