eprintfn "%s" "to the other stream"
printfn "%5d|%-4d|%+d|%e|%g|%X|%O|%i%%" 1 2 3 4.0 5.0 255 (Some 1) 6
let odd = Seq.initInfinite (fun n -> n + 1) |> Seq.filter (fun n -> n % 2 = 1) |> Seq.skipWhile (fun n -> n < 5) |> Seq.take 3 |> Seq.map string |> String.concat ";"
let moves = [ 1; 4; 9 ] |> List.pairwise |> List.map (fun (a, b) -> b - a) |> List.truncate 1
let windows = [ 1; 2; 3 ] |> Seq.windowed 2 |> Seq.map (fun w -> w[1] + w[0]) |> Seq.head
let counts = Map [ "a", 1 ] |> Map.change "a" (Option.map ((+) 1)) |> Map.find "a"
let low, high = [ 1.5; 2.5 ] |> List.partition (fun n -> n < List.average [ 1.5; 2.5 ])
for KeyValue (key, value) in Map [ "x", 1 ] do printfn "%-5s%2d" key value
[ "b", 2; "a", 1 ] |> List.groupBy fst |> List.map (fun (key, all) -> key, List.sumBy snd all), List.maxBy snd [ "z", 1 ], Seq.forall Char.IsDigit "12"
