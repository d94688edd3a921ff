# shows: a cell has no network of its own
import socket
socket.getaddrinfo('example.com', 443)
