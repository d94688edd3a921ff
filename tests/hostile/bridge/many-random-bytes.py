# expect: ok
# shows: 65536
from wit_world.imports import host
len(host.random(4294967295))
