// shows: shut out of cells
#[debugger_visualizer(natvis_script_file = "/etc/passwd")]
mod shown {}
