# shows: a cell has no network of its own
import http.server
http.server.HTTPServer(('0.0.0.0', 8080), http.server.BaseHTTPRequestHandler)
