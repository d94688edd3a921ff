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

/// The way to the runner for `tars`.
module Host =
    [<Import("log", "metascript/tars.js")>]
    let log (level: string) (message: string) : unit = jsNative

    [<Import("read", "metascript/tars.js")>]
    let read (path: string) : string = jsNative

    [<Import("bytes", "metascript/tars.js")>]
    let bytes (path: string) : byte[] = jsNative

    [<Import("write", "metascript/tars.js")>]
    let write (path: string) (text: string) : unit = jsNative

    [<Import("writeBytes", "metascript/tars.js")>]
    let writeBytes (path: string) (content: byte[]) : unit = jsNative

    [<Import("append", "metascript/tars.js")>]
    let append (path: string) (text: string) : unit = jsNative

    [<Import("list", "metascript/tars.js")>]
    let list (path: string) : (string * string * int64)[] = jsNative

    [<Import("info", "metascript/tars.js")>]
    let info (path: string) : string * string * int64 = jsNative

    [<Import("exists", "metascript/tars.js")>]
    let exists (path: string) : bool = jsNative

    [<Import("mkdir", "metascript/tars.js")>]
    let mkdir (path: string) : unit = jsNative

    [<Import("remove", "metascript/tars.js")>]
    let remove (path: string) : unit = jsNative

    [<Import("request", "metascript/tars.js")>]
    let request (method: string) (url: string) (headers: (string * string)[]) (body: byte[]) (milliseconds: float) : int * string * string * (string * string)[] * byte[] = jsNative

    [<Import("complete", "metascript/tars.js")>]
    let complete (prompt: string) (model: string option) (mostTokens: int option) (temperature: float option) (system: string option) : string * string * string * int * int = jsNative

    [<Import("chat", "metascript/tars.js")>]
    let chat (messages: (string * string)[]) (model: string option) (mostTokens: int option) (temperature: float option) : string * string * string * int * int = jsNative

    [<Import("embed", "metascript/tars.js")>]
    let embed (texts: string[]) : float[][] = jsNative

    [<Import("add", "metascript/tars.js")>]
    let add (text: string) (id: string option) (metadata: (string * string)[]) (store: string option) : string = jsNative

    [<Import("addWith", "metascript/tars.js")>]
    let addWith (text: string) (metadata: obj option) : string = jsNative

    [<Import("search", "metascript/tars.js")>]
    let search (text: string) (limit: int option) (store: string option) : (string * string * float * (string * string)[])[] = jsNative

    [<Import("run", "metascript/tars.js")>]
    let run (path: string) (variables: (string * obj)[]) : string * string * (string * obj)[] = jsNative

    [<Import("announce", "metascript/tars.js")>]
    let announce (name: string) (capabilities: string[]) : unit = jsNative

    [<Import("message", "metascript/tars.js")>]
    let message (receiver: string) (content: string) : unit = jsNative

    [<Import("inbox", "metascript/tars.js")>]
    let inbox (name: string) : (string * string)[] = jsNative

    [<Import("agents", "metascript/tars.js")>]
    let agents () : (string * string[])[] = jsNative

/// A file or folder, as `tars.fs` tells of it. Classes, not records: a record's fields would lead the types of
/// a cell's own records astray.
type Entry(name: string, kind: string, size: int64) =
    member _.name = name
    /// `file`, `folder` or `other`.
    member _.kind = kind
    member _.size = size
    override _.ToString() = name

/// The answer to a request of `tars.http`.
type Response(status: int, reason: string, url: string, headers: (string * string)[], body: byte[]) =
    member _.status = status
    member _.reason = reason
    member _.url = url
    member _.headers : Map<string, string> = Map.ofArray headers
    member _.body = body
    member _.ok = status >= 200 && status < 300
    member _.text = System.Text.Encoding.UTF8.GetString body
    override _.ToString() = string status + " " + reason

/// The answer of a language model.
type Completion(text: string, model: string, provider: string, inputTokens: int, outputTokens: int) =
    member _.text = text
    member _.model = model
    member _.provider = provider
    member _.inputTokens = inputTokens
    member _.outputTokens = outputTokens
    override _.ToString() = text

/// A text that a search of a vector store found. A higher score is nearer.
type Hit(id: string, text: string, score: float, metadata: (string * string)[]) =
    member _.id = id
    member _.text = text
    member _.score = score
    member _.metadata : Map<string, string> = Map.ofArray metadata
    member _.Id = id
    member _.Content = text
    member _.Text = text
    member _.Score = score
    member this.Metadata = this.metadata
    override _.ToString() = text

/// How another script's run ended.
type Run(status: string, output: string, variables: (string * obj)[]) =
    member _.status = status
    member _.output = output
    member _.variables : Map<string, obj> = Map.ofArray variables
    member _.Status = status
    member _.Output = output
    member this.Variables = this.variables
    member _.Success = (status = "ok")

/// A message in an agent's inbox.
type Message(sender: string, content: string) =
    member _.sender = sender
    member _.content = content
    override _.ToString() = content

/// An agent that announced itself.
type Agent(name: string, capabilities: string[]) =
    member _.name = name
    member _.capabilities = List.ofArray capabilities
    override _.ToString() = name

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

    /// What a cell may ask of the host: each call is checked by the session's policy and written to its audit log.
    module tars =
        let log (message: string) : unit = Host.log "info" message
        let debug (message: string) : unit = Host.log "debug" message
        let warn (message: string) : unit = Host.log "warning" message
        let error (message: string) : unit = Host.log "error" message

        /// Variables that the languages of the session share.
        type vars =
            static member inline get<'T>(name: string) : 'T = unbox<'T> (Runtime.get name typeof<'T>)
            static member inline set(name: string, value: 'T) : unit = Runtime.set name (box value) typeof<'T>
            static member list() : string list = List.ofArray (Runtime.names ())

        /// Files below the folders that the policy grants. Relative paths begin at the script's folder.
        type fs =
            static member read(path: string) : string = Host.read path
            static member bytes(path: string) : byte[] = Host.bytes path
            static member write(path: string, text: string) : unit = Host.write path text
            static member write(path: string, content: byte[]) : unit = Host.writeBytes path content
            static member append(path: string, text: string) : unit = Host.append path text
            static member list(path: string) : Entry list = Host.list path |> Array.map Entry |> List.ofArray
            static member info(path: string) : Entry = Entry(Host.info path)
            static member exists(path: string) : bool = Host.exists path
            static member mkdir(path: string) : unit = Host.mkdir path
            static member remove(path: string) : unit = Host.remove path

        /// Requests to the hosts that the policy grants; a timeout is in seconds.
        type http =
            static member request(method: string, url: string, ?headers: (string * string) list, ?body: byte[], ?timeout: float) : Response =
                Host.request method url (Array.ofList (defaultArg headers [])) (defaultArg body null) (1000.0 * defaultArg timeout 0.0) |> Response

            static member get(url: string, ?headers: (string * string) list, ?timeout: float) : Response =
                Host.request "GET" url (Array.ofList (defaultArg headers [])) null (1000.0 * defaultArg timeout 0.0) |> Response

            static member post(url: string, body: string, ?headers: (string * string) list, ?timeout: float) : Response =
                Host.request "POST" url (Array.ofList (defaultArg headers [])) (System.Text.Encoding.UTF8.GetBytes body) (1000.0 * defaultArg timeout 0.0) |> Response

        /// Language models that the session's provider serves.
        type llm =
            static member complete(prompt: string, ?model: string, ?maxTokens: int, ?temperature: float, ?system: string) : Completion =
                Host.complete prompt model maxTokens temperature system |> Completion

            /// Messages are pairs of a role (`system`, `user`, `assistant`) and a text.
            static member chat(messages: (string * string) list, ?model: string, ?maxTokens: int, ?temperature: float) : Completion =
                Host.chat (Array.ofList messages) model maxTokens temperature |> Completion

            static member embed(texts: string list) : float[] list = Host.embed (Array.ofList texts) |> List.ofArray

        /// Stores of texts that are searched by meaning.
        type vector =
            static member add(text: string, ?id: string, ?metadata: (string * string) list, ?store: string) : string =
                Host.add text id (Array.ofList (defaultArg metadata [])) store

            static member search(text: string, ?limit: int, ?store: string) : Hit list =
                Host.search text limit store |> Array.map Hit |> List.ofArray

        /// Other scripts.
        type metascript =
            static member run(path: string, ?variables: (string * obj) list) : Run =
                Host.run path (Array.ofList (defaultArg variables [])) |> Run

        /// Agents of the session, and messages between them.
        type agents =
            static member announce(name: string, ?capabilities: string list) : unit =
                Host.announce name (Array.ofList (defaultArg capabilities []))

            static member message(receiver: string, content: string) : unit = Host.message receiver content
            static member inbox(name: string) : Message list = Host.inbox name |> Array.map Message |> List.ofArray
            static member list() : Agent list = Host.agents () |> Array.map Agent |> List.ofArray
