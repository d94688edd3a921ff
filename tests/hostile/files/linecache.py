# Reads files behind `open`'s back.
# expect: ok
# shows: []
import linecache
linecache.getlines('/etc/passwd')
