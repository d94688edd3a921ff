open Fable.Core
[<Import("call", "metascript:cell/host@0.1.0")>]
let call (operation: string) (arguments: obj) : obj = jsNative
printfn "%O" (call "fs.read-text" null)
