// expect: stopped
// limit: memory=160MiB
let mutable all = []
while true do all <- 1 :: all
