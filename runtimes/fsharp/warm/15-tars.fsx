tars.log "a line"
let found = if tars.fs.exists "notes.txt" then tars.fs.read "notes.txt" else ""
let names = [ for entry in tars.fs.list "." -> entry.name, entry.kind, entry.size ]
tars.fs.write ("made.txt", found)
let answer = tars.http.get "https://example.com/"
if answer.ok then printfn "%s" answer.text
tars.vars.set ("count", 3)
tars.vars.get<int> "count"
