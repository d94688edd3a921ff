use client = new HttpClient()
printfn "%s" (client.GetStringAsync("http://169.254.169.254/latest/meta-data/").Result)
