// expect: timedOut
// limit: time=500ms
let rec forever () = async {
    do! Async.Sleep 1
    return! forever () }
forever () |> Async.RunSynchronously
