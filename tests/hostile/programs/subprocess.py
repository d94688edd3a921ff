# shows: a cell cannot start programs
import subprocess
subprocess.run(['id'])
