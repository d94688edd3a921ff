# shows: stays
# grants: folder
tars.fs.remove('granted')
