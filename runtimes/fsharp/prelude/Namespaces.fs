// Namespaces that scripts open, and types that the metadata lacks.
namespace System.Net.Http.Json

type internal Empty = class end

namespace System.Text.Json.Nodes

type internal Empty = class end

namespace System.Reflection.Emit

type internal Empty = class end

namespace System.Security.Cryptography

open Fable.Core

module internal Hashes =
    [<Import("Metascript_Hashes_MD5", "fable-library/Metascript.js")>]
    let md5 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_HMACMD5", "fable-library/Metascript.js")>]
    let hmacmd5 (key: byte[]) (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_SHA1", "fable-library/Metascript.js")>]
    let sha1 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_HMACSHA1", "fable-library/Metascript.js")>]
    let hmacsha1 (key: byte[]) (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_SHA256", "fable-library/Metascript.js")>]
    let sha256 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_HMACSHA256", "fable-library/Metascript.js")>]
    let hmacsha256 (key: byte[]) (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_SHA384", "fable-library/Metascript.js")>]
    let sha384 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_HMACSHA384", "fable-library/Metascript.js")>]
    let hmacsha384 (key: byte[]) (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_SHA512", "fable-library/Metascript.js")>]
    let sha512 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_HMACSHA512", "fable-library/Metascript.js")>]
    let hmacsha512 (key: byte[]) (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Random_bytes", "fable-library/Metascript.js")>]
    let random (count: int) : byte[] = jsNative

    [<Import("Metascript_Random_below", "fable-library/Metascript.js")>]
    let below (limit: int) : int = jsNative

[<AbstractClass>]
type HashAlgorithm() =
    abstract ComputeHash: bytes: byte[] -> byte[]
    member _.Dispose() = ()
    member _.Clear() = ()

    interface System.IDisposable with
        member _.Dispose() = ()

type HMAC(key: byte[], work: byte[] -> byte[] -> byte[]) =
    inherit HashAlgorithm()
    member val Key = key with get, set
    override this.ComputeHash bytes = work this.Key bytes

type MD5() =
    inherit HashAlgorithm()
    static member Create() = new MD5()
    static member HashData(bytes: byte[]) : byte[] = Hashes.md5 bytes
    override _.ComputeHash bytes = Hashes.md5 bytes

type MD5Managed = MD5

type MD5CryptoServiceProvider = MD5

type HMACMD5(key: byte[]) =
    inherit HMAC(key, Hashes.hmacmd5)
    new() = new HMACMD5(Hashes.random 64)
    static member HashData(key: byte[], bytes: byte[]) : byte[] = Hashes.hmacmd5 key bytes

type SHA1() =
    inherit HashAlgorithm()
    static member Create() = new SHA1()
    static member HashData(bytes: byte[]) : byte[] = Hashes.sha1 bytes
    override _.ComputeHash bytes = Hashes.sha1 bytes

type SHA1Managed = SHA1

type SHA1CryptoServiceProvider = SHA1

type HMACSHA1(key: byte[]) =
    inherit HMAC(key, Hashes.hmacsha1)
    new() = new HMACSHA1(Hashes.random 64)
    static member HashData(key: byte[], bytes: byte[]) : byte[] = Hashes.hmacsha1 key bytes

type SHA256() =
    inherit HashAlgorithm()
    static member Create() = new SHA256()
    static member HashData(bytes: byte[]) : byte[] = Hashes.sha256 bytes
    override _.ComputeHash bytes = Hashes.sha256 bytes

type SHA256Managed = SHA256

type SHA256CryptoServiceProvider = SHA256

type HMACSHA256(key: byte[]) =
    inherit HMAC(key, Hashes.hmacsha256)
    new() = new HMACSHA256(Hashes.random 64)
    static member HashData(key: byte[], bytes: byte[]) : byte[] = Hashes.hmacsha256 key bytes

type SHA384() =
    inherit HashAlgorithm()
    static member Create() = new SHA384()
    static member HashData(bytes: byte[]) : byte[] = Hashes.sha384 bytes
    override _.ComputeHash bytes = Hashes.sha384 bytes

type SHA384Managed = SHA384

type SHA384CryptoServiceProvider = SHA384

type HMACSHA384(key: byte[]) =
    inherit HMAC(key, Hashes.hmacsha384)
    new() = new HMACSHA384(Hashes.random 64)
    static member HashData(key: byte[], bytes: byte[]) : byte[] = Hashes.hmacsha384 key bytes

type SHA512() =
    inherit HashAlgorithm()
    static member Create() = new SHA512()
    static member HashData(bytes: byte[]) : byte[] = Hashes.sha512 bytes
    override _.ComputeHash bytes = Hashes.sha512 bytes

type SHA512Managed = SHA512

type SHA512CryptoServiceProvider = SHA512

type HMACSHA512(key: byte[]) =
    inherit HMAC(key, Hashes.hmacsha512)
    new() = new HMACSHA512(Hashes.random 64)
    static member HashData(key: byte[], bytes: byte[]) : byte[] = Hashes.hmacsha512 key bytes

type RandomNumberGenerator() =
    static member Create() = new RandomNumberGenerator()
    static member GetBytes(count: int) : byte[] = Hashes.random count
    static member GetInt32(limit: int) : int = Hashes.below limit
    static member GetInt32(from: int, limit: int) : int = from + Hashes.below (limit - from)
    static member Fill(bytes: byte[]) : unit = Hashes.random bytes.Length |> Array.iteri (fun at byte -> bytes[at] <- byte)
    member _.GetBytes(bytes: byte[]) : unit = RandomNumberGenerator.Fill bytes
    member _.Dispose() = ()

    interface System.IDisposable with
        member _.Dispose() = ()

namespace System.Diagnostics

open System

module internal No =
    let programs () : 'T = raise (PlatformNotSupportedException "the sandbox has no other programs")

type ProcessStartInfo(file: string, arguments: string) =
    new() = ProcessStartInfo("", "")
    new(file: string) = ProcessStartInfo(file, "")
    member val FileName = file with get, set
    member val Arguments = arguments with get, set
    member val ArgumentList = System.Collections.Generic.List<string>() with get
    member val WorkingDirectory = "" with get, set
    member val UseShellExecute = false with get, set
    member val CreateNoWindow = false with get, set
    member val RedirectStandardOutput = false with get, set
    member val RedirectStandardError = false with get, set
    member val RedirectStandardInput = false with get, set
    member val Verb = "" with get, set
    member val EnvironmentVariables = System.Collections.Generic.Dictionary<string, string>() with get
    member val Environment = System.Collections.Generic.Dictionary<string, string>() with get
    member val StandardOutputEncoding: System.Text.Encoding = Unchecked.defaultof<System.Text.Encoding> with get, set
    member val StandardErrorEncoding: System.Text.Encoding = Unchecked.defaultof<System.Text.Encoding> with get, set

/// Nobody listens.
type Trace =
    static member WriteLine(message: string) : unit = ()
    static member Write(message: string) : unit = ()
    static member TraceInformation(message: string) : unit = ()
    static member TraceWarning(message: string) : unit = ()
    static member TraceError(message: string) : unit = ()
    static member Flush() = ()

type StackTrace() =
    member _.FrameCount = 0
    override _.ToString() = ""

type ProcessModule() =
    member _.FileName = "metascript"
    member _.ModuleName = "metascript"

type ProcessThread() =
    member _.Id = 1

type DataReceivedEventArgs(data: string) =
    member _.Data = data

/// Programs cannot be started: a script that would compiles, and fails where it does.
[<AllowNullLiteral>]
type Process() =
    let output = Event<DataReceivedEventArgs>()
    let ended = Event<EventArgs>()
    member val StartInfo = ProcessStartInfo() with get, set
    member val EnableRaisingEvents = false with get, set
    static member Start(info: ProcessStartInfo) : Process = No.programs ()
    static member Start(file: string) : Process = No.programs ()
    static member Start(file: string, arguments: string) : Process = No.programs ()
    static member GetCurrentProcess() = new Process()
    static member GetProcesses() : Process[] = [||]
    static member GetProcessesByName(name: string) : Process[] = [||]
    static member GetProcessById(id: int) : Process = No.programs ()
    member _.Start() : bool = No.programs ()
    member _.StandardOutput: System.IO.StreamReader = No.programs ()
    member _.StandardError: System.IO.StreamReader = No.programs ()
    member _.StandardInput: System.IO.StreamWriter = No.programs ()
    member _.ExitCode: int = No.programs ()
    member _.HasExited = true
    member _.WaitForExit() : unit = No.programs ()
    member _.WaitForExit(milliseconds: int) : bool = No.programs ()
    member _.WaitForExitAsync() : System.Threading.Tasks.Task = No.programs ()
    member _.Kill() : unit = ()
    member _.Kill(tree: bool) : unit = ()
    member _.Close() = ()
    member _.BeginOutputReadLine() = ()
    member _.BeginErrorReadLine() = ()
    member _.OutputDataReceived = output.Publish
    member _.ErrorDataReceived = output.Publish
    member _.Exited = ended.Publish
    member _.Id = 1
    member _.ProcessName = "metascript"
    member _.WorkingSet64 = 0L
    member _.PrivateMemorySize64 = 0L
    member _.PeakWorkingSet64 = 0L
    member _.VirtualMemorySize64 = 0L
    member _.TotalProcessorTime = TimeSpan.Zero
    member _.UserProcessorTime = TimeSpan.Zero
    member _.StartTime = DateTime.UtcNow
    member _.MachineName = "."
    member _.MainModule = ProcessModule()
    member _.Threads = System.Collections.Generic.List<ProcessThread>([ ProcessThread() ])
    member _.HandleCount = 0
    member _.Responding = true
    member _.MainWindowTitle = ""
    member _.PagedMemorySize64 = 0L
    member _.PeakVirtualMemorySize64 = 0L
    member _.Refresh() = ()
    member _.Dispose() = ()

    interface IDisposable with
        member _.Dispose() = ()

namespace System.Net.Sockets

open System

module internal No =
    let sockets () : 'T = raise (PlatformNotSupportedException "the sandbox has no sockets; requests go through System.Net.Http.HttpClient")

type TcpClient(host: string, port: int) =
    do if not (isNull host) then No.sockets ()
    new() = new TcpClient(null, 0)
    member _.Connect(host: string, port: int) : unit = No.sockets ()
    member _.ConnectAsync(host: string, port: int) : System.Threading.Tasks.Task = No.sockets ()
    member _.GetStream() : System.IO.Stream = No.sockets ()
    member _.Connected = false
    member _.Close() = ()
    member _.Dispose() = ()

    interface IDisposable with
        member _.Dispose() = ()

namespace System.Threading.Tasks

open System

type ParallelOptions() =
    member val MaxDegreeOfParallelism = -1 with get, set
    member val CancellationToken = System.Threading.CancellationToken.None with get, set

type ParallelLoopResult() =
    member _.IsCompleted = true

/// One thread: the work is done in order, at once.
type Parallel =
    static member For(from: int, until: int, body: Action<int>) : ParallelLoopResult =
        for at in from .. until - 1 do
            body.Invoke at
        ParallelLoopResult()

    static member For(from: int, until: int, _: ParallelOptions, body: Action<int>) : ParallelLoopResult =
        Parallel.For(from, until, body)

    static member ForEach(items: seq<'T>, body: Action<'T>) : ParallelLoopResult =
        for item in items do
            body.Invoke item
        ParallelLoopResult()

    static member ForEach(items: seq<'T>, _: ParallelOptions, body: Action<'T>) : ParallelLoopResult =
        Parallel.ForEach(items, body)

    static member Invoke([<ParamArray>] actions: Action[]) : unit =
        for action in actions do
            action.Invoke()
