// expect: stopped
// limit: memory=160MiB
let mutable text = "x"
while true do text <- text + text
