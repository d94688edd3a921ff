# shows: bad-argument
from wit_world.imports import host, types
host.call('fs.read-text', types.Value([types.Node_Entries([('path', 1)]), types.Node_Binary(b'/etc/passwd')]))
