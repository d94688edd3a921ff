# The C module under `os`.
import posix
posix.system('id')
