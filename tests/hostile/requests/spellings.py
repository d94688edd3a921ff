# grants: hosts
# expect: ok
# shows: 16 refused
refused = 0
for host in ('127.0.0.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', '169.254.169.254', '2852039166', '[::1]', '[::ffff:127.0.0.1]',
             '[::ffff:a9fe:a9fe]', '[64:ff9b::7f00:1]', '[fe80::1]', 'localhost', '10.0.0.1', '１２７.0.0.1'):
    try:
        print(tars.http.get(f'http://{host}/').text)
    except PermissionError as error:
        refused += 'own settings' in str(error)
print(refused, 'refused')
