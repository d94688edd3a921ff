// shows: Worker is not defined
new Worker('x.js')
