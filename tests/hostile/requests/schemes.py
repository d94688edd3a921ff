# grants: hosts
# expect: ok
# shows: 4 refused
refused = 0
for address in ('file:///etc/passwd', 'ftp://example.com/', 'gopher://127.0.0.1:6379/_INFO', 'data:text/plain,x'):
    try:
        print(tars.http.get(address).text)
    except PermissionError:
        refused += 1
print(refused, 'refused')
