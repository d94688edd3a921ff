exception MyError of string * int
type CustomException(msg: string, code: int) =
    inherit Exception(msg)
    member _.Code = code
try raise (MyError("x", 1)) with MyError(s, n) -> printfn "%s %d" s n
try raise (CustomException("bad", 7)) with :? CustomException as e -> printfn "%s %d" e.Message e.Code
try failwith "a" with Failure m -> printfn "%s" m
try
    try invalidArg "x" "bad arg"
    finally printfn "finally"
with
| :? ArgumentException as e -> printfn "%s" e.Message
| e -> printfn "other %s" e.Message
try Int32.Parse "x" |> ignore with :? FormatException as e -> printfn "%s" e.Message
try 1 / 0 |> ignore with :? DivideByZeroException as e -> printfn "%s" e.Message
try [1].[5] |> ignore with e -> printfn "%s" (e.GetType().Name)
try (null: string).Length |> ignore with :? NullReferenceException -> printfn "nre" | e -> printfn "%s" (e.GetType().Name)
