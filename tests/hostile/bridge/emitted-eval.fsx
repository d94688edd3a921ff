// expect: ok
// shows: undefined,undefined,undefined,undefined,undefined
open Fable.Core.JsInterop
let found : string = emitJsExpr () "[typeof process, typeof require, typeof std, typeof os, typeof fetch].join()"
printfn "%s" found
