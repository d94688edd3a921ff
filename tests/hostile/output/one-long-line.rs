// expect: ok
// shows: bytes of output left out
// limit: output=10000
print!("{}", "x".repeat(20_000_000));
