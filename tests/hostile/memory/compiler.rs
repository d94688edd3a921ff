// expect: stopped
// limit: time=8s
// An array of many gigabytes, which the compiler would build.
const BIG: [[u64; 1 << 16]; 1 << 16] = [[1; 1 << 16]; 1 << 16];
static HELD: [[u64; 1 << 16]; 1 << 16] = BIG;
HELD[1][1]
