// Cells that the compiler sees before the snapshot: the first use of a part of F# or .NET reads its metadata, and a
// session should not pay for that.

export const CELLS = [
  '1 + 1',
  'let x = 41\nlet add a b = a + b\nadd x 1',
  'printfn "%d %s %A %.2f %b %c" 1 "a" [1] 1.5 true \'c\'',
  `type Person = { Name: string; Age: int; Email: string option }
type Shape =
    | Circle of radius: float
    | Rect of w: float * h: float
    | Empty
let area shape =
    match shape with
    | Circle r -> Math.PI * r * r
    | Rect (w, h) -> w * h
    | Empty -> 0.0
let rec fact n = if n <= 1 then 1 else n * fact (n - 1)
let people = [ { Name = "a"; Age = 3; Email = None }; { Name = "b"; Age = 5; Email = Some "x" } ]
let older = people |> List.map (fun p -> { p with Age = p.Age + 1 })
for p in older do printfn "%s is %d" p.Name p.Age
printfn "%A" people
sprintf "%05.2f|%-6s|%x" (area (Circle 2.0)) "hi" 255`,
  `let m = [1..3] |> List.map (fun i -> i, string i) |> Map.ofList
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
[ for i in 1..3 do for j in 1..2 -> i * j ]`,
  `let mutable counter = 0
while counter < 3 do
    counter <- counter + 1
let cells = ResizeArray<int>()
cells.Add 1
let dict = Dictionary<string, int>()
dict.["a"] <- 1
match dict.TryGetValue "a" with
| true, v -> printfn "%d" v
| _ -> ()
for KeyValue(k, v) in dict do printfn "%s=%d" k v
let hs = HashSet<string>()
hs.Add "x" |> ignore
let q = Queue<int>()
q.Enqueue 1
let sb = StringBuilder()
sb.Append("a").AppendLine("b") |> ignore
sb.ToString()`,
  `let work = async {
    let! x = async { return 42 }
    do! Async.Sleep 1
    return x + 1 }
let r = work |> Async.RunSynchronously
let all = [ for i in 1..3 -> async { return i } ] |> Async.Parallel |> Async.RunSynchronously
let t = task {
    let! y = Task.FromResult 1
    do! Task.Delay 1
    return y }
t.Result + t.GetAwaiter().GetResult()`,
  `let text = "hello world"
let words = text.Split(' ') |> Array.map (fun w -> w.ToUpper().Trim())
let joined = String.Join(", ", words) + String.concat "-" words
let part = text.Substring(0, 3).Replace("h", "j")
printfn $"{joined} {text.Length} %d{words.Length} {part}"
text.Contains "wor" && text.StartsWith("he") && text.IndexOf("o") > 0 && not (String.IsNullOrEmpty text)`,
  `let now = DateTime.Now
let d = DateTime(2024, 1, 2)
let span = now - d
printfn "%s %f" (d.ToString("yyyy-MM-dd")) span.TotalDays
let later = d.AddDays(1.0)
let id = Guid.NewGuid()
let rnd = Random()
let n = rnd.Next(1, 10)
let sw = Stopwatch.StartNew()
Thread.Sleep 0
sw.ElapsedMilliseconds >= 0L && Math.Sqrt 4.0 + Math.Round(2.5, 1) > float n`,
  `let m = Regex.Match("a1b22", @"\\d+")
let all = Regex.Matches("a1b22", "[0-9]+") |> Seq.map (fun m -> m.Value) |> List.ofSeq
let r = Regex.Replace("aab", "a+", "b")
if m.Success then m.Groups.[0].Value else r`,
  `type Account(owner: string, initial: decimal) =
    let mutable balance = initial
    member _.Owner = owner
    member _.Balance = balance
    member this.Deposit(amount: decimal) = balance <- balance + amount
    static member Create(name) = Account(name, 0m)
    override this.ToString() = sprintf "%s: %M" owner balance
type IShape =
    abstract Area: unit -> float
type Square(side) =
    interface IShape with
        member _.Area() = side * side
let acc = Account.Create "a"
acc.Deposit 5m
let shape = { new IShape with member _.Area() = 1.0 }
module Inner =
    let helper x = x * 2
Inner.helper 2`,
  `exception MyError of string
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
| Error e -> e`,
  `let json = JsonSerializer.Serialize({| a = 1; b = [ "x" ] |}, JsonSerializerOptions(WriteIndented = true))
let doc = JsonDocument.Parse json
let a = doc.RootElement.GetProperty("a").GetInt32()
match doc.RootElement.TryGetProperty "b" with
| true, e -> e.GetArrayLength()
| _ -> 0`,
  `if File.Exists "a.txt" then
    let lines = File.ReadAllLines "a.txt"
    File.WriteAllText(Path.Combine("b", "c.txt"), String.Join("\\n", lines))
    Console.WriteLine("{0} lines", lines.Length)
let files = Directory.Exists "d"
let cd = ConcurrentDictionary<string, int>()
cd.AddOrUpdate("a", 1, fun _ v -> v + 1) |> ignore
use client = new HttpClient()
client.Timeout <- TimeSpan.FromSeconds 5.0
let get () = client.GetStringAsync("http://example.org")
Environment.NewLine`,
  'let f x : int = "a"\nfoo 3',
];

/** Compiles the cells, the later ones with the earlier in sight, as a session does. */
export function warmUp(compiler) {
  const units = [];
  for (const code of CELLS) {
    const { program } = compiler.compile({ units, declarations: ['let shared : int list = Metascript.Cell.shared<int list> "shared"'], code });
    if (program && units.length < 2) units.push(program.unit);
    globalThis.__cqjs?.runGc?.();
  }
}

