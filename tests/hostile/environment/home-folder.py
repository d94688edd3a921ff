# expect: ok
# hides: /home
# hides: /root
import os
os.path.expanduser('~')
