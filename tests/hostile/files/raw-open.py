# The system call under `open`.
# shows: Error
# hides: root:
import os
os.read(os.open('/etc/passwd', os.O_RDONLY), 100)
