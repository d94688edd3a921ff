// shows: recursion limit
macro_rules! again { ($($t:tt)*) => { again!($($t)* 1) } }
again!()
