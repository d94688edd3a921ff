// shows: contains itself
const a = []; a.push(a); metascript.set('a', a)
