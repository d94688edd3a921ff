# expect: failed
# shows: bad-value
from wit_world.imports import host, types
host.set_variable('x', types.Value([types.Node_DateTime('2026-02-30')]))
