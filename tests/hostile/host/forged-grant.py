# A call with arguments that the host does not know gains nothing by them.
# hides: TOP SECRET
# shows: denied
from wit_world.imports import host, types
entries = types.Node_Entries([('path', 1), ('policy', 2), ('granted', 3), ('access', 4)])
host.call('fs.read-text', types.Value([entries, types.Node_Text('secret.txt'), types.Node_Text('permissive'), types.Node_Boolean(True), types.Node_Text('write')]))
