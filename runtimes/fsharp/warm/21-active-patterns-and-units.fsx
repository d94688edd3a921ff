let (|Even|Odd|) n = if n % 2 = 0 then Even else Odd
let (|Int|_|) (s: string) = match Int32.TryParse s with | true, v -> Some v | _ -> None
match 4 with Even -> printfn "even" | Odd -> printfn "odd"
match "12" with Int n -> printfn "%d" n | _ -> ()
let (|Prefix|_|) (p: string) (s: string) = if s.StartsWith p then Some(s.Substring p.Length) else None
match "hello" with Prefix "he" r -> printfn "%s" r | _ -> ()
[<Measure>] type m
[<Measure>] type s
let v = 10.0<m> / 2.0<s>
printfn "%.1f" (float v)
