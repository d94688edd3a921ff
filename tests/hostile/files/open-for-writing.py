# shows: a cell sees no files
open('pwned.txt', 'w').write('x')
