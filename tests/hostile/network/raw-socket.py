# The C module under `socket`.
import _socket
_socket.socket(_socket.AF_INET, _socket.SOCK_STREAM).connect(('127.0.0.1', 80))
