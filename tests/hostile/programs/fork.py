# shows: a cell cannot start programs
import os
os.fork() if hasattr(os, 'fork') else os.system('x')
