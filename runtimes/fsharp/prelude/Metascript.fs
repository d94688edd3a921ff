/// What a cell's own code calls, put there by the compiler.
namespace Metascript

open Fable.Core

type internal Runtime =
    [<Import("result", "metascript/cell.js")>]
    static member Result(value: obj, kind: System.Type) : unit = jsNative

    [<Import("value", "metascript/cell.js")>]
    static member Value(name: string, read: unit -> obj, kind: System.Type) : unit = jsNative

    [<Import("shared", "metascript/cell.js")>]
    static member Shared(name: string, kind: System.Type) : obj = jsNative
