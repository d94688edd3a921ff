// shows: calls of the host
loop { metascript::set("n", &1)? }
