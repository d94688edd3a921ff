// expect: failed
eval('['.repeat(1e6))
