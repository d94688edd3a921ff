use client = new HttpClient()
printfn "%s" (client.GetStringAsync("http://127.0.0.1:80/").Result)
