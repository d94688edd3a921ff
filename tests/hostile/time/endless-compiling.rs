// expect: stopped
// limit: time=3s
#[allow(long_running_const_eval)]
const BUSY: u64 = { let mut n: u64 = 0; loop { n = n.wrapping_add(1); if n == u64::MAX { break } } n };
BUSY
