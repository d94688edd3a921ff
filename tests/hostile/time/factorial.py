# expect: stopped
# limit: time=300ms
import math
len(str(math.factorial(1000000)))
