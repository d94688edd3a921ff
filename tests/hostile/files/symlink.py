import os
os.symlink('/etc/passwd', '/tmp/link')
