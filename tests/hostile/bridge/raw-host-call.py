# The host checks what a runtime sends, whoever sends it.
# shows: there is no
from wit_world.imports import host, types
host.set_variable('x', types.Value([types.Node_Items([0, 0])]))
raise Exception('there is no way back')
