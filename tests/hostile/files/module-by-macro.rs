// shows: `mod` without a body is shut out of cells
macro_rules! module {
    ($path:meta, $word:tt $name:tt $body:tt) => { #[$path] $word $name; };
}
module!(path = "/etc/passwd", mod secret {});
