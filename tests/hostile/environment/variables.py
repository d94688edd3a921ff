# expect: ok
# shows: {}
import os
dict(os.environ)
