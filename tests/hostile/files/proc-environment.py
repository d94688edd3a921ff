# hides: PATH=
open('/proc/self/environ').read()
