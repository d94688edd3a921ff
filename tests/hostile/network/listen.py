# shows: a cell has no network
import http.server
http.server.HTTPServer(('0.0.0.0', 8080), http.server.BaseHTTPRequestHandler)
