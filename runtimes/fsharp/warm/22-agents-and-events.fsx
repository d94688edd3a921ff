type Msg = Inc of int | Get of AsyncReplyChannel<int>
let agent = MailboxProcessor.Start(fun inbox ->
    let rec loop n = async {
        let! m = inbox.Receive()
        match m with
        | Inc x -> return! loop (n + x)
        | Get r -> r.Reply n
                   return! loop n }
    loop 0)
agent.Post(Inc 3)
agent.PostAndReply Get |> printfn "%d"
type Counter() =
    let ev = Event<int>()
    [<CLIEvent>] member _.Changed = ev.Publish
    member _.Fire n = ev.Trigger n
let c = Counter()
c.Changed.Add(fun n -> printfn "got %d" n)
c.Fire 3
