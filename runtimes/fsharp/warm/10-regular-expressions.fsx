let m = Regex.Match("a1b22", @"\d+")
let all = Regex.Matches("a1b22", "[0-9]+") |> Seq.map (fun m -> m.Value) |> List.ofSeq
let r = Regex.Replace("aab", "a+", "b")
if m.Success then m.Groups.[0].Value else r
