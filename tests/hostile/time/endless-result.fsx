// expect: timedOut
// limit: time=500ms
seq {
    yield 1
    while true do () }
