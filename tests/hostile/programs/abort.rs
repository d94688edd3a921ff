// shows: aborted
std::process::abort()
