# shows: a cell has no network
import socket
socket.getaddrinfo('example.com', 443)
