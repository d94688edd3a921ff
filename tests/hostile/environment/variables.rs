// expect: ok
// shows: 0 and 0
format!("{} and {}", std::env::vars().count(), std::env::args().count())
