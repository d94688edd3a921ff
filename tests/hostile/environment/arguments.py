# expect: ok
# hides: metascript
import sys
[a for a in sys.argv]
