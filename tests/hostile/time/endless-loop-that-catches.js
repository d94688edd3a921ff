// expect: timedOut
// limit: time=300ms
for (;;) try { for (;;) {} } catch {} finally { continue }
