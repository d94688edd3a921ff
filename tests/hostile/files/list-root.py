# expect: failed
# hides: etc
import os
os.listdir('/')
