// expect: timedOut
// shows: bytes of output left out
// limit: time=4s
loop { println!("flood") }
