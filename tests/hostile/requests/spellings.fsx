// grants: hosts
// expect: ok
// shows: 4 refused
let refused =
    [ "127.0.0.1"; "2130706433"; "[::1]"; "169.254.169.254" ]
    |> List.filter (fun host -> try (tars.http.get ("http://" + host + "/")).status = 0 with error -> error.Message.Contains "own settings")
printfn "%d refused" refused.Length
