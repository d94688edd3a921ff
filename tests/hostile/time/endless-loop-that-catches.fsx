// expect: timedOut
// limit: time=500ms
while true do
    try
        while true do ()
    with _ -> ()
