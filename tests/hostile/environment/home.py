# expect: ok
# shows: None
import os
os.environ.get('HOME')
