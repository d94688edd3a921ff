import shelve
shelve.open('/tmp/store')
