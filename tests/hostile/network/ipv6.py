# shows: a cell has no network of its own
import socket
socket.create_connection(('::1', 22))
