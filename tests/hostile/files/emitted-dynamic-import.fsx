// expect: any
open Fable.Core.JsInterop
let found : obj = emitJsExpr () "import('/etc/passwd')"
printfn "%O" found
