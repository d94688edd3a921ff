// grants: hosts
// expect: ok
// shows: refused 6
let tries = ["http://127.0.0.1/", "http://2130706433/", "http://[::1]/", "http://0x7f.1/", "http://169.254.169.254/", "http://localhost/"];
let refused = tries.iter().filter(|url| tars::http::get(url).is_err()).count();
println!("refused {refused}");
