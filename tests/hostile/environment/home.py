# expect: ok
# shows: True
import os
os.environ.get('HOME') is None
