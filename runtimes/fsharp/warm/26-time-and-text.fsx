let at = DateTime(2025, 5, 6, 7, 8, 9)
let next = at.AddHours 1.5 + TimeSpan.FromDays 2.0
printfn "%s %A %d %b" (next.ToString "dd.MM.yyyy HH:mm") next.DayOfWeek next.DayOfYear (DateTime.IsLeapYear 2024)
let span = next - at
printfn "%.1f %s %d" span.TotalHours (span.ToString()) (DateTime.Parse("2025-06-01").Subtract(at).Days)
let text = StringBuilder()
text.AppendLine("a").AppendLine(String('=', 3)).AppendFormat("{0,-4}{1,6:F1}", "n", 2.5).AppendLine().Insert(0, "# ") |> ignore
Console.Write(text.ToString())
let found = Regex(@"(?<key>\w+)=(?<value>\d+)").Matches "a=1 b=2"
for one in found do printfn "%s" one.Groups["key"].Value
Regex.Split("a;b", "[;,]"), Regex.IsMatch("x", "^x"), Regex.Replace("x1", @"\d", "#", RegexOptions.None), text.Length
