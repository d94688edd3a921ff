namespace System.Text.Json

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open Fable.Core

type JsonValueKind =
    | Undefined = 0
    | Object = 1
    | Array = 2
    | String = 3
    | Number = 4
    | True = 5
    | False = 6
    | Null = 7

[<Import("JsonException", "metascript/json.js")>]
type JsonException(message: string) =
    inherit Exception(message)

type JsonNamingPolicy(camel: bool) =
    member _.IsCamel = camel
    static member CamelCase = JsonNamingPolicy true

type JsonCommentHandling =
    | Disallow = 0
    | Skip = 1
    | Allow = 2

module Implementation =
    type Node = interface end

    [<Import("parse", "metascript/json.js")>]
    let parse (text: string) : Node = jsNative

    [<Import("kind", "metascript/json.js")>]
    let kind (node: Node) : int = jsNative

    [<Import("rawText", "metascript/json.js")>]
    let rawText (node: Node) (source: string) : string = jsNative

    [<Import("display", "metascript/json.js")>]
    let display (node: Node) (source: string) : string = jsNative

    [<Import("field", "metascript/json.js")>]
    let field (node: Node) (name: string) : Node option = jsNative

    [<Import("items", "metascript/json.js")>]
    let items (node: Node) : Node[] = jsNative

    [<Import("pairs", "metascript/json.js")>]
    let pairs (node: Node) : (string * Node)[] = jsNative

    [<Import("read", "metascript/json.js")>]
    let read (node: Node) (kind: Type) (caseInsensitive: bool) : obj = jsNative

    [<Import("serialize", "metascript/json.js")>]
    let serialize (value: obj) (kind: Type) (options: obj) : string = jsNative

open Implementation

type JsonElement(node: Node, source: string) =
    static member inline private As<'T>(element: JsonElement, what: string) : 'T =
        if element.ValueKind = JsonValueKind.Null then
            raise (InvalidOperationException $"The requested operation requires an element of type '{what}', but the target element has type 'Null'.")
        unbox<'T> (read element.node typeof<'T> false)

    member _.node = node
    member _.source = source
    member _.ValueKind: JsonValueKind = enum (kind node)

    member _.GetString() : string =
        match enum<JsonValueKind> (kind node) with
        | JsonValueKind.String -> display node source
        | JsonValueKind.Null -> null
        | other -> raise (InvalidOperationException $"The requested operation requires an element of type 'String', but the target element has type '{other}'.")

    member this.GetInt16() : int16 = JsonElement.As<int16>(this, "Number")
    member this.GetInt32() : int = JsonElement.As<int>(this, "Number")
    member this.GetInt64() : int64 = JsonElement.As<int64>(this, "Number")
    member this.GetByte() : byte = JsonElement.As<byte>(this, "Number")
    member this.GetSingle() : float32 = JsonElement.As<float32>(this, "Number")
    member this.GetDouble() : float = JsonElement.As<float>(this, "Number")
    member this.GetDecimal() : decimal = JsonElement.As<decimal>(this, "Number")
    member this.GetBoolean() : bool = JsonElement.As<bool>(this, "Boolean")
    member this.GetGuid() : Guid = Guid.Parse(this.GetString())
    member this.GetDateTime() : DateTime = DateTime.Parse(this.GetString())
    member this.GetDateTimeOffset() : DateTimeOffset = DateTimeOffset.Parse(this.GetString())
    member _.GetRawText() : string = rawText node source
    member this.Clone() : JsonElement = this

    member this.TryGetInt32([<Out>] value: byref<int>) : bool =
        try
            value <- this.GetInt32()
            true
        with _ -> false

    member this.TryGetInt64([<Out>] value: byref<int64>) : bool =
        try
            value <- this.GetInt64()
            true
        with _ -> false

    member this.TryGetDouble([<Out>] value: byref<float>) : bool =
        try
            value <- this.GetDouble()
            true
        with _ -> false

    member this.TryGetDateTime([<Out>] value: byref<DateTime>) : bool =
        try
            value <- this.GetDateTime()
            true
        with _ -> false

    member _.TryGetProperty(name: string, [<Out>] value: byref<JsonElement>) : bool =
        match field node name with
        | Some found ->
            value <- JsonElement(found, source)
            true
        | None -> false

    member _.GetProperty(name: string) : JsonElement =
        match field node name with
        | Some found -> JsonElement(found, source)
        | None -> raise (KeyNotFoundException $"The given key '{name}' was not present in the dictionary.")

    member _.GetArrayLength() : int =
        match box (items node) with
        | null -> raise (InvalidOperationException "The requested operation requires an element of type 'Array'.")
        | _ -> (items node).Length

    member _.Item
        with get (index: int) : JsonElement =
            if index < 0 || index >= (items node).Length then
                raise (IndexOutOfRangeException "Index was outside the bounds of the array.")
            JsonElement((items node).[index], source)

    member _.EnumerateArray() : IEnumerable<JsonElement> =
        match box (items node) with
        | null -> raise (InvalidOperationException "The requested operation requires an element of type 'Array'.")
        | _ -> items node |> Seq.map (fun item -> JsonElement(item, source))

    member _.EnumerateObject() : IEnumerable<JsonProperty> =
        match box (pairs node) with
        | null -> raise (InvalidOperationException "The requested operation requires an element of type 'Object'.")
        | _ -> pairs node |> Seq.map (fun (name, value) -> JsonProperty(name, JsonElement(value, source)))

    override _.ToString() = display node source

and JsonProperty(name: string, value: JsonElement) =
    member _.Name = name
    member _.Value = value
    override _.ToString() = $"\"{name}\":{value.GetRawText()}"

type JsonDocumentOptions() =
    member val AllowTrailingCommas = false with get, set
    member val CommentHandling = JsonCommentHandling.Disallow with get, set
    member val MaxDepth = 64 with get, set

type JsonDocument(root: JsonElement) =
    member _.RootElement = root

    static member Parse(json: string, ?options: JsonDocumentOptions) : JsonDocument =
        ignore options
        new JsonDocument(JsonElement(parse json, json))

    member _.Dispose() = ()

    interface IDisposable with
        member _.Dispose() = ()

namespace System.Text.Encodings.Web

type JavaScriptEncoder(relaxed: bool) =
    member _.IsRelaxed = relaxed
    static member Default = JavaScriptEncoder false
    static member UnsafeRelaxedJsonEscaping = JavaScriptEncoder true

namespace System.Text.Json.Serialization

type JsonIgnoreCondition =
    | Never = 0
    | Always = 1
    | WhenWritingDefault = 2
    | WhenWritingNull = 3

type JsonConverter() =
    class
    end

type JsonStringEnumConverter() =
    inherit JsonConverter()

type JsonFSharpConverter() =
    inherit JsonConverter()

type JsonPropertyNameAttribute(name: string) =
    inherit System.Attribute()
    member _.Name = name

type JsonIgnoreAttribute() =
    inherit System.Attribute()

namespace System.Text.Json

open System
open Fable.Core
open Fable.Core.JsInterop
open Implementation

type JsonSerializerOptions() =
    member val WriteIndented = false with get, set
    member val PropertyNameCaseInsensitive = false with get, set
    member val PropertyNamingPolicy: JsonNamingPolicy = Unchecked.defaultof<JsonNamingPolicy> with get, set
    member val DictionaryKeyPolicy: JsonNamingPolicy = Unchecked.defaultof<JsonNamingPolicy> with get, set
    member val DefaultIgnoreCondition = Serialization.JsonIgnoreCondition.Never with get, set
    member val Encoder: System.Text.Encodings.Web.JavaScriptEncoder = Unchecked.defaultof<System.Text.Encodings.Web.JavaScriptEncoder> with get, set
    member val AllowTrailingCommas = false with get, set
    member val MaxDepth = 64 with get, set
    member val ReadCommentHandling = JsonCommentHandling.Disallow with get, set
    member val IncludeFields = false with get, set
    member val IgnoreNullValues = false with get, set
    member val Converters: ResizeArray<Serialization.JsonConverter> = ResizeArray() with get, set
    static member Default = JsonSerializerOptions()
    static member Web = JsonSerializerOptions(PropertyNameCaseInsensitive = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase)

module Options =
    let plain (options: JsonSerializerOptions option) : obj =
        match options with
        | None -> createObj []
        | Some options ->
            createObj
                [ "indented" ==> options.WriteIndented
                  "camel" ==> (not (isNull (box options.PropertyNamingPolicy)) && options.PropertyNamingPolicy.IsCamel)
                  "relaxed" ==> (not (isNull (box options.Encoder)) && options.Encoder.IsRelaxed)
                  "skipNull"
                  ==> (options.IgnoreNullValues
                       || options.DefaultIgnoreCondition = Serialization.JsonIgnoreCondition.WhenWritingNull) ]

    let caseInsensitive (options: JsonSerializerOptions option) =
        match options with
        | None -> false
        | Some options -> options.PropertyNameCaseInsensitive

type JsonSerializer =
    static member inline Serialize(value: 'T, ?options: JsonSerializerOptions) : string =
        serialize (box value) typeof<'T> (Options.plain options)

    static member inline SerializeToElement(value: 'T, ?options: JsonSerializerOptions) : JsonElement =
        let text = serialize (box value) typeof<'T> (Options.plain options)
        JsonElement(parse text, text)

    static member inline Deserialize<'T>(json: string, ?options: JsonSerializerOptions) : 'T =
        if typeof<'T>.FullName = "System.Text.Json.JsonElement" then
            unbox<'T> (box (JsonElement(parse json, json)))
        else
            unbox<'T> (read (parse json) typeof<'T> (Options.caseInsensitive options))

    static member inline Deserialize<'T>(element: JsonElement, ?options: JsonSerializerOptions) : 'T =
        unbox<'T> (read element.node typeof<'T> (Options.caseInsensitive options))
