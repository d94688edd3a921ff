# shows: the host has no operation
import tars
tars._call('system.run', {'command': 'id'})
