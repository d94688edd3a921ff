// shows: ISO 8601
metascript::set("day", &metascript::DateTime::date(2026, 13, 45))?;
