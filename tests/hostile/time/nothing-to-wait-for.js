// shows: a promise that nothing will settle
await new Promise(() => {})
