# shows: a cell has no network
import socket
socket.socket()
