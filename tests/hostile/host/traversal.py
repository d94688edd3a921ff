# grants: folder
# expect: ok
# hides: TOP SECRET
# shows: 9 refused
refused = 0
for path in ('../secret.txt', 'granted/../secret.txt', './granted/../../secret.txt', 'granted/deep/../../secret.txt', '/etc/passwd',
             'granted/./.././secret.txt', 'secret.txt', '..', 'granted//..//secret.txt'):
    try:
        print(tars.fs.read(path))
    except PermissionError:
        refused += 1
print(refused, 'refused')
