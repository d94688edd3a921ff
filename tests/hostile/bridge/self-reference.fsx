let a : obj[] = [| null |]
a.[0] <- box a
metascript.set("loop", a)
