let work = async {
    let! x = async { return 42 }
    do! Async.Sleep 1
    return x + 1 }
let r = work |> Async.RunSynchronously
let all = [ for i in 1..3 -> async { return i } ] |> Async.Parallel |> Async.RunSynchronously
let t = task {
    let! y = Task.FromResult 1
    do! Task.Delay 1
    return y }
t.Result + t.GetAwaiter().GetResult()
