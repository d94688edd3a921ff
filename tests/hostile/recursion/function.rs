fn deep(n: u64) -> u64 { std::hint::black_box(deep(n + 1)) + 1 }
deep(0)
