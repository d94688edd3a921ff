# grants: hosts
# shows: does not grant
tars.http.get('https://example.com:22/')
