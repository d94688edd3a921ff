// grants: hosts
// shows: not a cell's to set
tars.http.get('http://example.com/', { Host: 'localhost' })
