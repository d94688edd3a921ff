printfn "%d %s %A %.2f %b %c" 1 "a" [1] 1.5 true 'c'
