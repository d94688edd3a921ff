namespace Metascript

open Fable.Core

/// The way to the runner. `Cell` and `Cells` are what code calls.
module Runtime =
    [<Import("result", "metascript/cell.js")>]
    let result (value: obj) (kind: System.Type) : unit = jsNative

    [<Import("value", "metascript/cell.js")>]
    let value (name: string) (read: unit -> obj) (kind: System.Type) : unit = jsNative

    [<Import("shared", "metascript/cell.js")>]
    let shared (name: string) (kind: System.Type) : obj = jsNative

    [<Import("write", "metascript/cell.js")>]
    let write (text: string) : unit = jsNative

    [<Import("writeError", "metascript/cell.js")>]
    let writeError (text: string) : unit = jsNative

    [<Import("display", "metascript/cell.js")>]
    let display (value: obj) (kind: System.Type) : unit = jsNative

    [<Import("displayAs", "metascript/cell.js")>]
    let displayAs (mime: string) (content: string) : unit = jsNative

    [<Import("get", "metascript/cell.js")>]
    let get (name: string) (kind: System.Type) : obj = jsNative

    [<Import("set", "metascript/cell.js")>]
    let set (name: string) (value: obj) (kind: System.Type) : unit = jsNative

    [<Import("names", "metascript/cell.js")>]
    let names () : string[] = jsNative

    [<Import("call", "metascript/cell.js")>]
    let call (operation: string) (arguments: (string * obj)[]) : obj = jsNative

    [<Import("textOf", "metascript/cell.js")>]
    let textOf (value: obj) (kind: System.Type) : string = jsNative

/// What the compiler puts around a cell.
module Cell =
    let inline result (value: 'T) : unit = Runtime.result (box value) typeof<'T>

    let inline value (name: string) ([<InlineIfLambda>] read: unit -> 'T) : unit =
        Runtime.value name (fun () -> box (read ())) typeof<'T>

    let inline shared<'T> (name: string) : 'T = unbox<'T> (Runtime.shared name typeof<'T>)

/// In scope in every cell.
[<AutoOpen>]
module Cells =
    /// Shows a value at once.
    let inline display (value: 'T) : unit = Runtime.display (box value) typeof<'T>

    let html (content: string) : unit = Runtime.displayAs "text/html" content
    let markdown (content: string) : unit = Runtime.displayAs "text/markdown" content
    let svg (content: string) : unit = Runtime.displayAs "image/svg+xml" content

    /// Variables that the languages of the session share.
    type metascript =
        static member inline get<'T>(name: string) : 'T = unbox<'T> (Runtime.get name typeof<'T>)
        static member inline set(name: string, value: 'T) : unit = Runtime.set name (box value) typeof<'T>
        static member variables() : string list = List.ofArray (Runtime.names ())
