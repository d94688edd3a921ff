# shows: a cell has no network of its own
import socket
socket.socket()
