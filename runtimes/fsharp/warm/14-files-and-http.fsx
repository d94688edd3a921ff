if File.Exists "a.txt" then
    let lines = File.ReadAllLines "a.txt"
    File.WriteAllText(Path.Combine("b", "c.txt"), String.Join("\n", lines))
    Console.WriteLine("{0} lines", lines.Length)
let files = Directory.Exists "d"
let cd = ConcurrentDictionary<string, int>()
cd.AddOrUpdate("a", 1, fun _ v -> v + 1) |> ignore
use client = new HttpClient()
client.Timeout <- TimeSpan.FromSeconds 5.0
let get () = client.GetStringAsync("http://example.org")
Environment.NewLine
