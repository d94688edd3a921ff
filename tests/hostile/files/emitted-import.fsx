// hides: root:
open Fable.Core
[<Import("readFileSync", "fs")>]
let read (path: string) : string = jsNative
printfn "%s" (read "/etc/passwd")
