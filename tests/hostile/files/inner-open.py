# shows: Error
# hides: root:
import _io
_io.FileIO('/etc/passwd').read()
