# shows: a cell sees no files
open('/etc/passwd').read()
