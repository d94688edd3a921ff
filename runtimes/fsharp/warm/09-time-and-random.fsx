let now = DateTime.Now
let d = DateTime(2024, 1, 2)
let span = now - d
printfn "%s %f" (d.ToString("yyyy-MM-dd")) span.TotalDays
let later = d.AddDays(1.0)
let id = Guid.NewGuid()
let rnd = Random()
let n = rnd.Next(1, 10)
let sw = Stopwatch.StartNew()
Thread.Sleep 0
sw.ElapsedMilliseconds >= 0L && Math.Sqrt 4.0 + Math.Round(2.5, 1) > float n
