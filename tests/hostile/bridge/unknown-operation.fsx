printfn "%O" (Metascript.Runtime.call "process.start" [| "path", box "/bin/sh" |])
