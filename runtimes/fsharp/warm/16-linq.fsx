open System.Linq
let xs = [5; 3; 8; 1]
let ys = xs.Select(fun x -> x * 2).Where(fun x -> x > 4).OrderBy(fun x -> x).ToList()
printfn "%d %A" ys.Count (List.ofSeq ys)
printfn "%d %d %b" (xs.Sum()) (xs.Max()) (xs.Any(fun x -> x > 7))
let groups = ["a"; "bb"; "cc"].GroupBy(fun s -> s.Length)
for g in groups do printfn "%d: %s" g.Key (String.Join(",", g))
let d = xs.ToDictionary((fun x -> x), (fun x -> string x))
printfn "%s" d.[5]
Enumerable.Range(1, 5).Aggregate(0, fun a b -> a + b) |> printfn "%d"
xs.First() |> printfn "%d"
