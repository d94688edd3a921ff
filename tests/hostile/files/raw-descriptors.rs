// expect: ok
// shows: nothing is open
use std::io::Read;
use std::os::fd::FromRawFd;
let mut found = 0;
for number in 3..64 {
    let mut file = std::mem::ManuallyDrop::new(unsafe { std::fs::File::from_raw_fd(number) });
    if file.read(&mut [0; 16]).is_ok() || file.metadata().is_ok() {
        found += 1;
    }
}
if found == 0 { println!("nothing is open") }
