// shows: is no name for a variable
metascript::set("x = 1; import os", &1)?;
