# grants: folder
# expect: ok
# shows: 3 refused
refused = 0
for path in ('granted/root/dev/zero', 'granted/root/proc/self/environ', 'granted/root/dev/tcp'):
    try:
        tars.fs.bytes(path)
    except (tars.Error, OSError):
        refused += 1
print(refused, 'refused')
