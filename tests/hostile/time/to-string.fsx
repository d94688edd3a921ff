// expect: timedOut
// limit: time=1500ms
type Slow() =
    override _.ToString() = (while true do ()); ""
printfn "%O" (Slow())
