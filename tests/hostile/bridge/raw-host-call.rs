// expect: ok
// shows: refused
mod raw {
    #[allow(clashing_extern_declarations)]
    unsafe extern "C" {
        pub fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8;
    }
}
match metascript::tars::fs::read("/etc/passwd") {
    Ok(text) => println!("{text}"),
    Err(error) => println!("refused: {}", error.code),
}
