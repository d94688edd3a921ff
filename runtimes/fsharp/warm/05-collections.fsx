let m = [1..3] |> List.map (fun i -> i, string i) |> Map.ofList
let m2 = m |> Map.add 4 "four" |> Map.filter (fun k _ -> k > 1)
let s = Set.ofList [3; 1; 2] |> Set.union (set [5])
let found = Map.tryFind 2 m |> Option.map String.length |> Option.defaultValue 0
let sq = seq { for i in 1..5 do if i % 2 = 1 then yield i * i } |> Seq.filter (fun x -> x > 1) |> Seq.toList
let arr = [| 1.0; 2.0; 3.0 |] |> Array.map (fun x -> x * 2.0)
let total = arr |> Array.sum
let avg = List.averageBy float [1; 2; 3]
let groups = [1..10] |> List.groupBy (fun x -> x % 3) |> List.sortBy fst
let folded = List.fold (fun acc x -> acc + x) 0 [1..10]
let zipped = List.zip [1; 2] ["a"; "b"]
let a, b = List.partition (fun x -> x > 2) [1; 2; 3; 4]
printfn "%A %A %A" m s groups
[ for i in 1..3 do for j in 1..2 -> i * j ]
