// expect: ok
// limit: output=10000
// shows: bytes of output left out
for (let n = 0; n < 5000; n++) console.log('flood', n)
