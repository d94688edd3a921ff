// shows: `option_env` is shut out of cells
option_env!("PATH")
