// shows: `include_str` is shut out of cells
include_str!("/etc/passwd")
