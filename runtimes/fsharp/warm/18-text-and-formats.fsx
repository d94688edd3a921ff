open System.Text
let sb = StringBuilder()
sb.Append("a").AppendLine("b").AppendFormat("{0:F1}", 1.25) |> ignore
sb.Replace("a", "q") |> ignore
printfn "%s %d" (sb.ToString()) sb.Length
printfn "%s" ("a,b,,c".Split([|','|], StringSplitOptions.RemoveEmptyEntries) |> String.concat "|")
printfn "%s" (String.Join(", ", [1; 2; 3]))
printfn "%s %s" ("abc".PadLeft 5) ("abc".PadRight(5, '.'))
printfn "%b %d" ("hello".Contains "ell") ("hello".IndexOf 'l')
printfn "%s" (String('x', 3))
printfn "%s" ("Hello".ToUpperInvariant().Substring(1, 3))
printfn "%A" ("hello world".Split ' ')
printfn "%s" (Encoding.UTF8.GetBytes "hé" |> Convert.ToBase64String)
printfn $"{1.5:F2} {DateTime(2024,1,2):``yyyy-MM-dd``} {10,5}|{5:D3}"
printfn "%s" (1234567.891.ToString("N2"))
printfn "%c %b" (Char.ToUpper 'a') (Char.IsDigit '1')
