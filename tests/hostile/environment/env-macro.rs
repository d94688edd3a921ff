// shows: `env!` is shut out of cells
env!("HOME")
