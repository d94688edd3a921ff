let json = JsonSerializer.Serialize({| a = 1; b = [ "x" ] |}, JsonSerializerOptions(WriteIndented = true))
let doc = JsonDocument.Parse json
let a = doc.RootElement.GetProperty("a").GetInt32()
match doc.RootElement.TryGetProperty "b" with
| true, e -> e.GetArrayLength()
| _ -> 0
