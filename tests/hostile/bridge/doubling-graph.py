# Forty nodes that would unfold to a trillion.
# expect: failed
# shows: bad-value
from wit_world.imports import host, types
host.set_variable('x', types.Value([types.Node_Items([n, n]) for n in range(1, 41)] + [types.Node_Null()]))
