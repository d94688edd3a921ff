# shows: a cell cannot start programs
import os
os.system('id')
