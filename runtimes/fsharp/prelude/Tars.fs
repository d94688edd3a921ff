// Names by which scripts of TARS call what `tars` offers: `TarsApiRegistry.GetApi().LlmService.CompleteAsync(...)`.
namespace Metascript

type VectorStore() =
    member _.SearchAsync(query: string, ?limit: int) : Async<Hit list> =
        async { return Host.search query limit None |> Array.map Hit |> List.ofArray }

    member _.AddAsync(text: string, ?metadata: obj) : Async<string> = async { return Host.addWith text metadata }

    /// A store is made when it is first used.
    member _.CreateIndexAsync(name: string, ?dimension: int) : Async<string> = async { return name }

type LlmService() =
    member _.CompleteAsync(prompt: string, ?model: string) : Async<string> =
        async { return (Host.complete prompt model None None None |> Completion).text }

    member _.ChatAsync(messages: (string * string) list, ?model: string) : Async<string> =
        async { return (Host.chat (Array.ofList messages) model None None |> Completion).text }

    member _.EmbedAsync(text: string) : Async<float[]> = async { return (Host.embed [| text |])[0] }

type AgentCoordinator() =
    member _.SpawnAsync(name: string, ?config: obj) : Async<string> =
        async {
            Host.announce name [||]
            return name
        }

    member _.SendMessageAsync(receiver: string, content: string) : Async<unit> = async { Host.message receiver content }

    member _.CoordinateAsync(agents: seq<string>, task: string) : Async<unit> =
        async {
            for agent in agents do
                Host.message agent task
        }

    member _.ListActive() : string list = Host.agents () |> Array.map fst |> List.ofArray

type FileSystem() =
    member _.ReadFile(path: string) : string = Host.read path

    member _.WriteFile(path: string, text: string) : bool =
        Host.write path text
        true

    member _.ListFiles(path: string) : string list =
        Host.list path |> Array.map (fun (name, _, _) -> name) |> List.ofArray

    member _.CreateDirectory(path: string) : unit = Host.mkdir path
    member _.Exists(path: string) : bool = Host.exists path

type TarsApi() =
    member val VectorStore = VectorStore()
    member val LlmService = LlmService()
    member val AgentCoordinator = AgentCoordinator()
    member val FileSystem = FileSystem()
    member this.SearchVector(query: string, limit: int) : Async<Hit list> = this.VectorStore.SearchAsync(query, limit)
    member this.AskLlm(prompt: string, model: string) : Async<string> = this.LlmService.CompleteAsync(prompt, model)

    member _.SpawnAgent(name: string, config: obj) : string =
        Host.announce name [||]
        name

    member this.WriteFile(path: string, text: string) : bool = this.FileSystem.WriteFile(path, text)
    member _.ExecuteMetascript(path: string) : Async<Run> = async { return Host.run path [||] |> Run }

[<AutoOpen>]
module Registry =
    type TarsApiRegistry =
        static member GetApi() : TarsApi = TarsApi()
        static member GetTarsApi() : TarsApi = TarsApi()
        static member Initialize(services: obj) : unit = ()

    /// What `dotnet fsi` says of itself.
    type InteractiveSession() =
        member _.CommandLineArgs : string[] = [| "metascript" |]
        member val ShowProperties = true with get, set
        member val ShowDeclarationValues = true with get, set
        member val PrintWidth = 80 with get, set
        member val PrintDepth = 100 with get, set
        member val PrintLength = 100 with get, set
        member val FloatingPointFormat = "g10" with get, set
        member _.AddPrinter(printer: 'T -> string) : unit = ()

    let fsi = InteractiveSession()

namespace TarsEngine.FSharp.Core.Api

type internal Empty = class end
