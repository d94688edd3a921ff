// hides: root:
printfn "%s" (File.ReadAllText "/etc/passwd")
