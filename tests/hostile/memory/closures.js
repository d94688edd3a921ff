// expect: stopped
// limit: memory=96MiB
let f = () => 0; for (;;) { const g = f; f = () => g; }
