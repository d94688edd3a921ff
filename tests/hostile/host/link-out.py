# The granted folder holds links to a secret outside.
# grants: folder
# expect: ok
# hides: TOP SECRET
# shows: 4 refused
refused = 0
for path in ('granted/link', 'granted/up/secret.txt', 'granted/root/etc/passwd', 'granted/deep/chain'):
    try:
        print(tars.fs.read(path))
    except (tars.Error, OSError):
        refused += 1
print(refused, 'refused')
