# shows: null character
# grants: folder
tars.fs.read('granted/notes.txt\0.png')
