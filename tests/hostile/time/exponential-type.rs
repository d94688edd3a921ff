// expect: stopped
// limit: time=4s
fn grow<T: Clone>(n: u32, value: T) -> u32 { if n == 0 { 0 } else { grow(n - 1, (value.clone(), value)) } }
grow(200, 1u8)
