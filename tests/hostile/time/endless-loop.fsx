// expect: timedOut
// limit: time=500ms
while true do ()
