# hides: root:
import pathlib
pathlib.Path('/etc/passwd').read_text()
