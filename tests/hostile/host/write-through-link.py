# Writing to a link replaces the link; what it leads to stays (the runner looks).
# grants: folder
# expect: ok
# shows: 3 refused
refused = 0
for call in (lambda: tars.fs.append('granted/deep/chain', 'x'), lambda: tars.fs.write('granted/up/secret.txt', 'x'), lambda: tars.fs.remove('granted/up/secret.txt')):
    try:
        call()
    except (tars.Error, OSError):
        refused += 1
tars.fs.write('granted/link', 'overwritten')
print(refused, 'refused')
