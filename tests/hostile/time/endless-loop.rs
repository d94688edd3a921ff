// expect: timedOut
// limit: time=3s
let mut n = 0u64;
loop { n = std::hint::black_box(n.wrapping_add(1)) }
