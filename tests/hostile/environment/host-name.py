# expect: ok
# shows: True
import platform
platform.node() in ('', 'localhost', '(none)')
