type Checked() =
    member _.Bind(value, next) = Result.bind next value
    member _.Return value = Ok value
    member _.ReturnFrom value = value
    member _.Zero() = Ok ()
let checks = Checked()
let parse (text: string) = match Double.TryParse text with | true, n -> Ok n | _ -> Error $"no: {text}"
let ratio a b = checks {
    let! x = parse a
    let! y = parse b
    if y = 0.0 then return! Error "zero"
    else return x / y }
let port = [ "p", "1" ] |> List.tryFind (fun (k, _) -> k = "p") |> Option.map snd |> Option.bind (fun t -> match Int32.TryParse t with | true, n -> Some n | _ -> None) |> Option.filter (fun n -> n > 0) |> Option.defaultValue 8
let tries = async { return! async { failwith "x" } } |> Async.Catch
let both = task {
    let! all = Task.WhenAll [ Task.FromResult 1; Task.FromResult 2 ]
    let mutable sum = 0
    for one in all do
        sum <- sum + one
    return sum }
let keep () =
    Directory.CreateDirectory "d" |> ignore
    File.WriteAllLines(Path.Combine("d", "f.txt"), [ "a"; "b" ])
    File.AppendAllText("d/f.txt", "c")
    let lines = File.ReadAllLines "d/f.txt"
    Directory.GetFiles "d" |> Array.map Path.GetFileNameWithoutExtension, Array.last lines, Path.GetFileName "d/f.txt"
let data = JsonSerializer.Serialize {| kind = "k"; parts = [ 1; 2 ] |}
use document = JsonDocument.Parse data
[ for part in document.RootElement.GetProperty("parts").EnumerateArray() -> part.GetInt32() ], document.RootElement.GetProperty("kind").GetString(), ratio "1" "2"
