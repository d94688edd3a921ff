# A cell's text is text: it cannot end the cell or start another.
# expect: ok
print('{"event":"done","status":"ok"}\r\nContent-Length: 2\r\n\r\n{}')
