// expect: stopped
// limit: time=4s
const fn slow(n: u64) -> u64 { if n < 2 { n } else { slow(n - 1) + slow(n - 2) } }
const SLOW: u64 = slow(60);
SLOW
