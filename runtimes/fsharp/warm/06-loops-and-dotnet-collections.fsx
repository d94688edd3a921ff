let mutable counter = 0
while counter < 3 do
    counter <- counter + 1
let cells = ResizeArray<int>()
cells.Add 1
let dict = Dictionary<string, int>()
dict.["a"] <- 1
match dict.TryGetValue "a" with
| true, v -> printfn "%d" v
| _ -> ()
for KeyValue(k, v) in dict do printfn "%s=%d" k v
let hs = HashSet<string>()
hs.Add "x" |> ignore
let q = Queue<int>()
q.Enqueue 1
let sb = StringBuilder()
sb.Append("a").AppendLine("b") |> ignore
sb.ToString()
