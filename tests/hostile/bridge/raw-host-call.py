# The host checks what a runtime sends, whoever sends it: one node used twice is no tree.
# shows: bad-value
from wit_world.imports import host, types
host.set_variable('x', types.Value([types.Node_Items([1, 1]), types.Node_Null()]))
