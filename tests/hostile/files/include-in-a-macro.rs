// shows: `include` is shut out of cells
macro_rules! quiet { ($file:literal) => { include!($file) } }
quiet!("/etc/hostname")
