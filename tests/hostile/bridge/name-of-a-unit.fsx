// expect: any
module Cell_1
let x = 1
module Metascript =
    let y = 2
printfn "%d" x
