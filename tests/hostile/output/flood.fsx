// expect: any
// limit: output=20000 time=3s
for n in 1..2000000 do printfn "line %d" n
