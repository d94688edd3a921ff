# shows: limit for one value
# grants: folder
tars.fs.bytes('granted/large')
