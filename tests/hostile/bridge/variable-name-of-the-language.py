# expect: ok
import metascript
metascript.set('__builtins__', 1)
metascript.set('print', 1)
metascript.set('console', 1)
1
