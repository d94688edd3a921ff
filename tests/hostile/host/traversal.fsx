// grants: folder
// expect: ok
// hides: TOP SECRET
// shows: 5 refused
let refused =
    [ "../secret.txt"; "granted/../secret.txt"; "granted/deep/../../secret.txt"; "/etc/passwd"; "secret.txt" ]
    |> List.filter (fun path -> try printfn "%s" (File.ReadAllText path); false with _ -> true)
printfn "%d refused" refused.Length
