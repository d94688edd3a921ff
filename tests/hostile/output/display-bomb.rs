// expect: ok
// shows: does not fit into the output limit
display(metascript::html("x".repeat(4_000_000)));
