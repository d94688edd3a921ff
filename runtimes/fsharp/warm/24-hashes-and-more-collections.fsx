open System.Security.Cryptography
open System.Text
let sha (s: string) =
    use h = SHA256.Create()
    h.ComputeHash(Encoding.UTF8.GetBytes s) |> Array.map (fun b -> b.ToString("x2")) |> String.concat ""
printfn "%s" (sha "abc")
let sha1 = SHA1.Create().ComputeHash(Encoding.UTF8.GetBytes "abc") |> BitConverter.ToString
printfn "%s" sha1
let s512 = SHA512.HashData(Encoding.UTF8.GetBytes "abc") |> Convert.ToHexString
printfn "%s" s512
use hmac = new HMACSHA256(Encoding.UTF8.GetBytes "key")
printfn "%s" (hmac.ComputeHash(Encoding.UTF8.GetBytes "msg") |> Convert.ToBase64String)
let rng = RandomNumberGenerator.Create()
let b = Array.zeroCreate<byte> 8
rng.GetBytes b
printfn "%d" (RandomNumberGenerator.GetInt32 10 |> fun x -> if x < 10 then 1 else 0)
open System.Collections.Generic
let d1 = SortedDictionary<string, int>()
d1.["b"] <- 2
d1.Add("a", 1)
for kv in d1 do printfn "%s=%d" kv.Key kv.Value
printfn "%b %d" (d1.ContainsKey "a") d1.Count
match d1.TryGetValue "b" with
| true, v -> printfn "%d" v
| _ -> ()
let s1 = SortedSet<int>([3; 1; 2])
printfn "%A %d %d" (List.ofSeq s1) s1.Min s1.Max
s1.Add 0 |> ignore
let ll = LinkedList<int>()
ll.AddLast 1 |> ignore
ll.AddFirst 0 |> ignore
printfn "%d %d" ll.First.Value ll.Count
let pq = PriorityQueue<string, int>()
pq.Enqueue("low", 5)
pq.Enqueue("high", 1)
printfn "%s" (pq.Dequeue())
let sl = SortedList<int, string>()
sl.Add(2, "x")
sl.Add(1, "y")
printfn "%A" (sl.Keys |> Seq.toList)
