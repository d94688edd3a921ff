// expect: stopped
// hides: TOP SECRET
let mut found = 0u64;
for at in (1 << 16..u32::MAX as usize).step_by(4096) {
    found = found.wrapping_add(unsafe { std::ptr::read_volatile(at as *const u64) });
}
found
