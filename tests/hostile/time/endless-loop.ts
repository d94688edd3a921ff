// expect: timedOut
// limit: time=300ms
let n: number = 0;
while (true) n++;
