// shows: shut out of cells
#[path = "/etc/passwd"]
mod secret;
