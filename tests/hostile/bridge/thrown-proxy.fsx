open Fable.Core.JsInterop
emitJsStatement () "throw new Proxy({}, { get() { throw 1 } })"
