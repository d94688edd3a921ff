# expect: timedOut
# limit: time=300ms
import re
re.match(r'(a+)+$', 'a' * 40 + 'b')
