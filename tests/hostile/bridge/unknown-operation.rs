// expect: ok
// shows: refused twice
let wrong = [metascript::get::<Value>("nothing"), metascript::get::<Value>("")];
if wrong.iter().all(|one| one.is_err()) { println!("refused twice") }
