# expect: stopped
import os
os.abort()
