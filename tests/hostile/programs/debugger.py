# A debugger waits for a keyboard that is not there.
# expect: stopped
import pdb
pdb.set_trace()
print('on')
