// shows: larger than the limit
metascript::set("huge", &vec![1u8; 20 << 20])?;
