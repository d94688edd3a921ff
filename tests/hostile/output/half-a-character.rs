// expect: ok
// shows: after
use std::io::Write;
std::io::stdout().write_all(&[0xf0, 0x9f])?;
std::io::stdout().flush()?;
std::io::stdout().write_all(&[0xff, 0xc3, b'\n'])?;
println!("after");
