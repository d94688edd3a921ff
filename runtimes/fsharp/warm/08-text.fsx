let text = "hello world"
let words = text.Split(' ') |> Array.map (fun w -> w.ToUpper().Trim())
let joined = String.Join(", ", words) + String.concat "-" words
let part = text.Substring(0, 3).Replace("h", "j")
printfn $"{joined} {text.Length} %d{words.Length} {part}"
text.Contains "wor" && text.StartsWith("he") && text.IndexOf("o") > 0 && not (String.IsNullOrEmpty text)
