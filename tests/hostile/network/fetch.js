// shows: fetch is not defined
await fetch('http://127.0.0.1/')
