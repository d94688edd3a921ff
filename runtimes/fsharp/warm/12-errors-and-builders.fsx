exception MyError of string
let parse (s: string) =
    match Int32.TryParse s with
    | true, v -> Ok v
    | false, _ -> Error "bad"
let (|Even|Odd|) n = if n % 2 = 0 then Even else Odd
let result =
    try
        failwith "x"
    with
    | MyError m -> 1
    | :? ArgumentException as e -> 2
    | ex -> printfn "%s" ex.Message; 3
type MaybeBuilder() =
    member _.Bind(m, f) = Option.bind f m
    member _.Return x = Some x
let maybe = MaybeBuilder()
let v = maybe {
    let! a = Some 1
    let! b = Some 2
    return a + b }
match parse "1" |> Result.map (fun x -> x + 1) |> Result.mapError id with
| Ok n -> (match n with Even -> "even" | Odd -> "odd")
| Error e -> e
