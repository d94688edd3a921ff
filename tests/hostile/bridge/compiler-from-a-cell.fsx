open Fable.Core
[<Import("compile", "metascript:cell/fsharp-compiler@0.1.0")>]
let compile (request: obj) : obj = jsNative
printfn "%O" (compile null)
