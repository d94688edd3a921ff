# shows: bad-argument
from wit_world.imports import host, types
host.call('fs.read-text', types.Value([types.Node_Items([1]), types.Node_Text('/etc/passwd')]))
