// expect: ok
// shows: more items
new Array(1e6).fill('x')
