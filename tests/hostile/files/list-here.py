import os
os.listdir('.')
