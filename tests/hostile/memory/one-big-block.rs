// expect: outOfMemory
vec![7u8; 1 << 30].len()
