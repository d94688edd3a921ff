// shows: exit code 0
println!("before");
std::process::exit(0)
