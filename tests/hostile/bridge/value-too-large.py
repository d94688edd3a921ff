# expect: failed
# shows: larger than the limit
import metascript
metascript.set('x', 'x' * 20_000_000)
