// shows: XMLHttpRequest is not defined
new XMLHttpRequest()
