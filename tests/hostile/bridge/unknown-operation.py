# shows: unknown-operation
from wit_world.imports import host, types
host.call('system.run', types.Value([types.Node_Text('id')]))
