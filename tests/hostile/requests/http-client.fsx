// grants: hosts
// shows: own settings
use client = new HttpClient()
printfn "%s" (client.GetStringAsync("http://localhost/").Result)
