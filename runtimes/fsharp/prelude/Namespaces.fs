// Namespaces that scripts open and whose types the metadata lacks.
namespace System.Linq

type internal Empty = class end

namespace System.Net.Http.Json

type internal Empty = class end

namespace System.Text.Json.Nodes

type internal Empty = class end

namespace System.Security.Cryptography

open Fable.Core

module internal Hashes =
    [<Import("Metascript_Hashes_sha256", "fable-library/Metascript.js")>]
    let sha256 (bytes: byte[]) : byte[] = jsNative

    [<Import("Metascript_Hashes_md5", "fable-library/Metascript.js")>]
    let md5 (bytes: byte[]) : byte[] = jsNative

[<AbstractClass>]
type HashAlgorithm() =
    abstract ComputeHash: bytes: byte[] -> byte[]
    interface System.IDisposable with
        member _.Dispose() = ()

type SHA256 private () =
    inherit HashAlgorithm()
    static member Create() = new SHA256()
    static member HashData(bytes: byte[]) : byte[] = Hashes.sha256 bytes
    override _.ComputeHash bytes = Hashes.sha256 bytes

type MD5 private () =
    inherit HashAlgorithm()
    static member Create() = new MD5()
    static member HashData(bytes: byte[]) : byte[] = Hashes.md5 bytes
    override _.ComputeHash bytes = Hashes.md5 bytes

namespace System.Globalization

type internal Empty = class end
