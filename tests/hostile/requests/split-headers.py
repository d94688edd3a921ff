# grants: hosts
# shows: cannot be sent
tars.http.get('http://example.com/', headers={'x': 'a\r\nHost: internal'})
