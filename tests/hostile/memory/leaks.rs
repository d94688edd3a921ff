// expect: outOfMemory
loop { std::mem::forget(std::hint::black_box(Box::new([1u64; 4096]))) }
