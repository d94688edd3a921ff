// shows: process is not defined
process.binding('fs')
