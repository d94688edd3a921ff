// expect: stopped
// limit: memory=160MiB
(Array.zeroCreate<float> 1000000000).Length
