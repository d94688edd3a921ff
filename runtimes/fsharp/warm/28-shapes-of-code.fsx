type INamed =
    abstract Name: string -> string
type Titled(title: string) =
    let mutable uses = 0
    member _.Uses = uses
    member val Sign = "?" with get, set
    interface INamed with
        member this.Name name =
            uses <- uses + 1
            $"{title} {name}{this.Sign}"
let titled = Titled("Sir", Sign = "!")
let plain = { new INamed with member _.Name name = name }
let names = [ titled :> INamed; plain ] |> List.map (fun one -> one.Name "X")
let (|Small|Big|Odd|) n = if n < 5 then Small else if n % 2 = 0 then Big (n / 2) else Odd
let (|Within|_|) low high n = if n >= low && n <= high then Some () else None
let rate n = match n with | Small -> "s" | Big (Within 1 9) -> "w" | Big half -> $"b{half}" | Odd -> "o"
type Rope<'T> = | End | Knot of before: Rope<'T> * item: 'T * after: Rope<'T>
let rec tie item rope =
    match rope with
    | End -> Knot (End, item, End)
    | Knot (a, here, b) when item < here -> Knot (tie item a, here, b)
    | Knot (a, here, b) -> Knot (a, here, tie item b)
let rec walk f state = function | End -> state | Knot (a, item, b) -> walk f (f (walk f state a) item) b
let inline again f x = f (f x)
let mutable guess = 4.0
while abs (guess * guess - 2.0) > 1e-6 do guess <- (guess + 2.0 / guess) / 2.0
let grid = Array.zeroCreate<int> 3
for i = 2 downto 0 do grid[i] <- i
for i in 0 .. 2 .. 2 do printf "%d " grid[i]
let stock = Dictionary<string, int>()
stock["a"] <- 1
let seen = HashSet<string>([ "a"; "b" ])
let take name =
    try
        try
            if stock[name] < 1 then invalidOp $"only {stock[name]}"
            "taken"
        with
        | :? KeyNotFoundException -> "none"
        | :? InvalidOperationException as error -> error.Message
    finally
        seen.Add name |> ignore
walk (fun all word -> all @ [ word ]) [] (tie "b" End), again (fun n -> n + 1) 1, [ for pair in stock -> pair.Key ], Math.Round(guess, 3), rate 7, take "a"
