# ctypes would read any address.
# shows: no module 'ctypes'
import ctypes
ctypes.string_at(0x1000, 64)
