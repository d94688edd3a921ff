// Further namespaces of the base library that the metadata lacks.
namespace System.Threading.Channels

open System
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading.Tasks

type ChannelClosedException(message: string) =
    inherit Exception(message)
    new() = ChannelClosedException "The channel has been closed."

type BoundedChannelFullMode =
    | Wait = 0
    | DropNewest = 1
    | DropOldest = 2
    | DropWrite = 3

type ChannelOptions() =
    member val SingleReader = false with get, set
    member val SingleWriter = false with get, set
    member val AllowSynchronousContinuations = false with get, set

type UnboundedChannelOptions() =
    inherit ChannelOptions()

type BoundedChannelOptions(capacity: int) =
    inherit ChannelOptions()
    member val Capacity = capacity with get, set
    member val FullMode = BoundedChannelFullMode.Wait with get, set

/// What a reader and a writer share.
type Pipe<'T>(capacity: int, mode: BoundedChannelFullMode) =
    let items = Queue<'T>()
    let mutable changed = TaskCompletionSource<bool>()
    let mutable closed = false
    let ended = TaskCompletionSource<bool>()
    member _.Count = items.Count
    member _.IsClosed = closed
    member _.Changed = changed.Task
    member _.Ended = ended.Task
    member _.Peek() = items.Peek()

    member _.Tell() =
        let before = changed
        changed <- TaskCompletionSource<bool>()
        before.TrySetResult true |> ignore

    member this.Take() =
        let item = items.Dequeue()
        if closed && items.Count = 0 then ended.TrySetResult true |> ignore
        this.Tell()
        item

    /// False: there is no room.
    member this.Put(item: 'T) =
        if closed then
            raise (ChannelClosedException())
        elif items.Count < capacity then
            items.Enqueue item
            this.Tell()
            true
        else
            match mode with
            | BoundedChannelFullMode.DropOldest ->
                items.Dequeue() |> ignore
                items.Enqueue item
                true
            | BoundedChannelFullMode.Wait -> false
            | _ -> true

    member this.Close() =
        if closed then
            false
        else
            closed <- true
            if items.Count = 0 then ended.TrySetResult true |> ignore
            this.Tell()
            true

type ChannelReader<'T>(pipe: Pipe<'T>) =
    let rec read () : Task<'T> =
        task {
            if pipe.Count > 0 then
                return pipe.Take()
            else
                if pipe.IsClosed then raise (ChannelClosedException())
                let! _ = pipe.Changed
                return! read ()
        }

    let rec wait () : Task<bool> =
        task {
            if pipe.Count > 0 then
                return true
            elif pipe.IsClosed then
                return false
            else
                let! _ = pipe.Changed
                return! wait ()
        }

    member _.Count = pipe.Count
    member _.CanCount = true
    member _.Completion: Task<bool> = pipe.Ended
    member _.ReadAsync() : Task<'T> = read ()
    member _.ReadAsync(_: System.Threading.CancellationToken) : Task<'T> = read ()
    member _.WaitToReadAsync() : Task<bool> = wait ()
    member _.WaitToReadAsync(_: System.Threading.CancellationToken) : Task<bool> = wait ()

    member _.TryRead([<Out>] item: byref<'T>) : bool =
        if pipe.Count > 0 then
            item <- pipe.Take()
            true
        else
            false

    member _.TryPeek([<Out>] item: byref<'T>) : bool =
        if pipe.Count > 0 then
            item <- pipe.Peek()
            true
        else
            false

type ChannelWriter<'T>(pipe: Pipe<'T>) =
    let rec write (item: 'T) : Task<unit> =
        task {
            if pipe.Put item then
                return ()
            else
                let! _ = pipe.Changed
                return! write item
        }

    member _.WriteAsync(item: 'T) : Task<unit> = write item
    member _.WriteAsync(item: 'T, _: System.Threading.CancellationToken) : Task<unit> = write item
    member _.WaitToWriteAsync() : Task<bool> = Task.FromResult(not pipe.IsClosed)
    member _.TryWrite(item: 'T) : bool = not pipe.IsClosed && pipe.Put item
    member _.TryComplete() : bool = pipe.Close()
    member _.Complete() : unit = pipe.Close() |> ignore

type Channel<'T>(pipe: Pipe<'T>) =
    let reader = ChannelReader<'T> pipe
    let writer = ChannelWriter<'T> pipe
    member _.Reader = reader
    member _.Writer = writer

type Channel =
    static member CreateUnbounded<'T>() = Channel<'T>(Pipe<'T>(Int32.MaxValue, BoundedChannelFullMode.Wait))
    static member CreateUnbounded<'T>(_: UnboundedChannelOptions) = Channel.CreateUnbounded<'T>()
    static member CreateBounded<'T>(capacity: int) = Channel<'T>(Pipe<'T>(capacity, BoundedChannelFullMode.Wait))
    static member CreateBounded<'T>(options: BoundedChannelOptions) = Channel<'T>(Pipe<'T>(options.Capacity, options.FullMode))

namespace System.Threading

open System
open System.Threading.Tasks

type WaitCallback = delegate of obj -> unit

/// One thread: the work is done while something waits.
type ThreadPool =
    static member QueueUserWorkItem(work: WaitCallback) : bool =
        Task.Run(fun () -> work.Invoke null) |> ignore
        true

    static member QueueUserWorkItem(work: WaitCallback, state: obj) : bool =
        Task.Run(fun () -> work.Invoke state) |> ignore
        true

    static member SetMinThreads(_: int, _: int) = true
    static member SetMaxThreads(_: int, _: int) = true
    static member ThreadCount = 1

namespace System.Web

open System

type HttpUtility =
    static member UrlEncode(text: string) = (Uri.EscapeDataString text).Replace("%20", "+")
    static member UrlDecode(text: string) = Uri.UnescapeDataString(text.Replace("+", "%20"))

    static member HtmlEncode(text: string) =
        text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("\"", "&quot;").Replace("'", "&#39;")

    static member HtmlDecode(text: string) =
        text.Replace("&lt;", "<").Replace("&gt;", ">").Replace("&quot;", "\"").Replace("&#39;", "'").Replace("&amp;", "&")

namespace System.IO

open System

type DriveType =
    | Unknown = 0
    | Fixed = 3

/// No drive is told: a script sees folders that it was given, and nothing of the machine.
type DriveInfo(name: string) =
    static member GetDrives() : DriveInfo[] = [||]
    member _.Name = name
    member _.IsReady = false
    member _.DriveType = DriveType.Unknown
    member _.DriveFormat = ""
    member _.VolumeLabel = ""
    member _.TotalSize = 0L
    member _.AvailableFreeSpace = 0L
    member _.TotalFreeSpace = 0L

namespace System.Net

open System

module internal No =
    let servers () : 'T = raise (PlatformNotSupportedException "the sandbox takes no connections; requests go out through System.Net.Http.HttpClient")

type IPAddress(text: string) =
    static member Any = IPAddress "0.0.0.0"
    static member Loopback = IPAddress "127.0.0.1"
    static member Parse(text: string) = IPAddress text
    override _.ToString() = text

type IPEndPoint(address: IPAddress, port: int) =
    member _.Address = address
    member _.Port = port
    override _.ToString() = $"{address}:{port}"

type NetworkCredential(name: string, password: string) =
    new() = NetworkCredential("", "")
    member val UserName = name with get, set
    member val Password = password with get, set

type HttpListenerRequest() =
    member _.Url: Uri = No.servers ()
    member _.RawUrl: string = No.servers ()
    member _.HttpMethod: string = No.servers ()
    member _.InputStream: System.IO.Stream = No.servers ()
    member _.HasEntityBody = false

type HttpListenerResponse() =
    member val StatusCode = 200 with get, set
    member val StatusDescription = "OK" with get, set
    member val ContentType = "" with get, set
    member val ContentLength64 = 0L with get, set
    member val ContentEncoding = System.Text.Encoding.UTF8 with get, set
    member _.AddHeader(name: string, value: string) : unit = ()
    member _.OutputStream: System.IO.Stream = No.servers ()
    member _.Close() = ()

type HttpListenerContext() =
    member val Request = HttpListenerRequest()
    member val Response = HttpListenerResponse()

/// Servers cannot be started: a script that would compiles, and fails where it does.
type HttpListener() =
    member val Prefixes = System.Collections.Generic.List<string>() with get
    member _.IsListening = false
    static member IsSupported = false
    member _.Start() : unit = No.servers ()
    member _.Stop() = ()
    member _.Close() = ()
    member _.GetContext() : HttpListenerContext = No.servers ()
    member _.GetContextAsync() : System.Threading.Tasks.Task<HttpListenerContext> = No.servers ()

    interface IDisposable with
        member _.Dispose() = ()

namespace System.Net.Sockets

open System

type TcpListener(address: System.Net.IPAddress, port: int) =
    member _.LocalEndpoint = System.Net.IPEndPoint(address, port)
    member _.Start() : unit = No.sockets ()
    member _.Stop() = ()
    member _.AcceptTcpClient() : TcpClient = No.sockets ()
    member _.AcceptTcpClientAsync() : System.Threading.Tasks.Task<TcpClient> = No.sockets ()

namespace System.Net.NetworkInformation

open System

type IPStatus =
    | Success = 0
    | TimedOut = 11010
    | Unknown = -1

type PingReply(status: IPStatus) =
    member _.Status = status
    member _.RoundtripTime = 0L

/// Nothing answers here.
type Ping() =
    member _.Send(host: string) : PingReply = PingReply IPStatus.Unknown
    member _.Send(host: string, milliseconds: int) : PingReply = PingReply IPStatus.Unknown
    member _.Dispose() = ()

    interface IDisposable with
        member _.Dispose() = ()

type NetworkInterface() =
    static member GetIsNetworkAvailable() = false
