# shows: a cell has no network
import socket
socket.create_connection(('::1', 22))
