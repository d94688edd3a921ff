// expect: any
// hides: /root
printfn "%s|%s|%s" Environment.MachineName Environment.UserName Environment.CurrentDirectory
