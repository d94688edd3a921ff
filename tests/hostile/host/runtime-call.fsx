// hides: root:
// shows: reads and writes no files
printfn "%O" (Metascript.Runtime.call "fs.read-text" [| "path", box "/etc/passwd"; "policy", box "permissive" |])
