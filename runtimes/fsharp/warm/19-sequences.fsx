let s = seq { for i in 1..3 do yield i; yield! [10; 20] }
printfn "%A" (Seq.toList s)
printfn "%A" (Seq.unfold (fun n -> if n > 5 then None else Some(n, n + 1)) 1 |> Seq.toList)
[1..10] |> List.chunkBySize 3 |> printfn "%A"
["a"; "b"] |> List.mapi (fun i x -> sprintf "%d%s" i x) |> String.concat ";" |> printfn "%s"
[1, "a"; 2, "b"] |> Map.ofList |> Map.iter (fun k v -> printfn "%d %s" k v)
List.groupBy (fun x -> x % 2) [1..4] |> printfn "%A"
Seq.windowed 2 [1; 2; 3] |> Seq.toList |> printfn "%A"
List.sumBy float [1; 2] |> printfn "%g"
[3;1;2] |> List.sortDescending |> printfn "%A"
Array.init 3 (fun i -> i * i) |> Array.rev |> printfn "%A"
