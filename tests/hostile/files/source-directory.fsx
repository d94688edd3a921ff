// hides: root:
printfn "%s" (File.ReadAllText(__SOURCE_DIRECTORY__ + "/../etc/passwd"))
