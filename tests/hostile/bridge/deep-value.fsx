type Nest = { Inner: Nest option }
let rec build n nest = if n = 0 then nest else build (n - 1) { Inner = Some nest }
metascript.set("deep", build 5000 { Inner = None })
