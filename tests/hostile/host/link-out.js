// grants: folder
// hides: TOP SECRET
// shows: link
tars.fs.read('granted/link')
