// expect: stopped
// limit: time=4s
macro_rules! a { ($($t:tt)*) => { b!($($t)* $($t)*) } }
macro_rules! b { ($($t:tt)*) => { a!($($t)* $($t)*) } }
a!(1 1 1 1)
