// expect: timedOut
// limit: time=300ms
for (;;) {}
