// expect: ok
// hides: /
for name in [ "HOME"; "PATH"; "USER" ] do printfn "%A" (Environment.GetEnvironmentVariable name)
