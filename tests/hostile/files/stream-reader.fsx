// hides: root:
use reader = new StreamReader("/etc/passwd")
printfn "%s" (reader.ReadToEnd())
