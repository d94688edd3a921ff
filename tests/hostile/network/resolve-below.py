import _socket
_socket.getaddrinfo('example.com', 443)
