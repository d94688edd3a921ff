namespace System.Net

/// HTTP's numbers.
type HttpStatusCode =
    | Continue = 100
    | SwitchingProtocols = 101
    | OK = 200
    | Created = 201
    | Accepted = 202
    | NoContent = 204
    | PartialContent = 206
    | MovedPermanently = 301
    | Found = 302
    | NotModified = 304
    | TemporaryRedirect = 307
    | PermanentRedirect = 308
    | BadRequest = 400
    | Unauthorized = 401
    | PaymentRequired = 402
    | Forbidden = 403
    | NotFound = 404
    | MethodNotAllowed = 405
    | NotAcceptable = 406
    | RequestTimeout = 408
    | Conflict = 409
    | Gone = 410
    | UnprocessableEntity = 422
    | TooManyRequests = 429
    | InternalServerError = 500
    | NotImplemented = 501
    | BadGateway = 502
    | ServiceUnavailable = 503
    | GatewayTimeout = 504

namespace System.Net.Http.Headers

open System.Collections.Generic

type AuthenticationHeaderValue(scheme: string, parameter: string) =
    new(scheme: string) = AuthenticationHeaderValue(scheme, null)
    member _.Scheme = scheme
    member _.Parameter = parameter
    override _.ToString() = if isNull parameter then scheme else scheme + " " + parameter

type MediaTypeHeaderValue(mediaType: string) =
    member val MediaType = mediaType with get, set
    member val CharSet: string = null with get, set
    static member Parse(text: string) = MediaTypeHeaderValue text
    override this.ToString() = if isNull this.CharSet then this.MediaType else this.MediaType + "; charset=" + this.CharSet

type MediaTypeWithQualityHeaderValue(mediaType: string) =
    inherit MediaTypeHeaderValue(mediaType)

type ProductInfoHeaderValue(name: string, version: string) =
    override _.ToString() = name + "/" + version

/// Headers of a request or an answer; a name may have several values.
type HttpHeaders() =
    let entries = ResizeArray<string * string>()
    member _.Add(name: string, value: string) = entries.Add((name, value))
    member this.TryAddWithoutValidation(name: string, value: string) =
        this.Add(name, value)
        true
    member _.Remove(name: string) =
        entries.RemoveAll(fun (known, _) -> known.ToLowerInvariant() = name.ToLowerInvariant()) > 0
    member _.Clear() = entries.Clear()
    member _.Contains(name: string) = entries.Exists(fun (known, _) -> known.ToLowerInvariant() = name.ToLowerInvariant())
    member _.GetValues(name: string) : IEnumerable<string> =
        entries |> Seq.filter (fun (known, _) -> known.ToLowerInvariant() = name.ToLowerInvariant()) |> Seq.map snd
    member this.Set(name: string, value: string) =
        this.Remove name |> ignore
        if not (isNull value) then this.Add(name, value)
    member _.Pairs = entries.ToArray()
    member this.ContentType
        with get () : MediaTypeHeaderValue =
            match Seq.tryHead (this.GetValues "Content-Type") with
            | Some value -> MediaTypeHeaderValue value
            | None -> Unchecked.defaultof<MediaTypeHeaderValue>
        and set (value: MediaTypeHeaderValue) = this.Set("Content-Type", value.ToString())
    member this.Authorization
        with get () : AuthenticationHeaderValue = AuthenticationHeaderValue(Seq.tryHead (this.GetValues "Authorization") |> Option.defaultValue "")
        and set (value: AuthenticationHeaderValue) = this.Set("Authorization", if isNull (box value) then null else value.ToString())
    member this.UserAgent = HttpHeaderValues(this, "User-Agent")
    member this.Accept = HttpHeaderValues(this, "Accept")

and HttpHeaderValues(headers: HttpHeaders, name: string) =
    member _.Add(value: obj) = headers.Add(name, string value)
    member _.ParseAdd(value: string) = headers.Add(name, value)
    member _.TryParseAdd(value: string) =
        headers.Add(name, value)
        true
    member _.Clear() = headers.Remove name |> ignore

namespace System.Net.Http

open System
open System.Net
open System.Net.Http.Headers
open System.Text
open System.Threading.Tasks
open Fable.Core

type HttpMethod(name: string) =
    member _.Method = name
    static member Get = HttpMethod "GET"
    static member Post = HttpMethod "POST"
    static member Put = HttpMethod "PUT"
    static member Delete = HttpMethod "DELETE"
    static member Patch = HttpMethod "PATCH"
    static member Head = HttpMethod "HEAD"
    static member Options = HttpMethod "OPTIONS"
    override _.ToString() = name

type HttpRequestException(message: string) =
    inherit Exception(message)
    member val StatusCode = Nullable<HttpStatusCode>() with get, set

module Implementation =
    type Answer =
        abstract status: int
        abstract reason: string
        abstract headers: (string * string)[]
        abstract body: byte[]

    [<Import("request", "metascript/http.js")>]
    let request (method: string) (url: string) (headers: (string * string)[]) (body: byte[]) (milliseconds: float) (fail: string -> exn) : Answer = jsNative

open Implementation

[<AllowNullLiteral>]
type HttpContent(bytes: byte[], contentType: string) =
    let headers = HttpHeaders()
    do headers.Set("Content-Type", contentType)
    member _.Headers = headers
    abstract Bytes: byte[]
    default _.Bytes = bytes
    member this.ReadAsStringAsync() : Task<string> = Task.FromResult(Encoding.UTF8.GetString this.Bytes)
    member this.ReadAsByteArrayAsync() : Task<byte[]> = Task.FromResult this.Bytes
    interface IDisposable with
        member _.Dispose() = ()
    member _.Dispose() = ()

type ByteArrayContent(bytes: byte[]) =
    inherit HttpContent(bytes, null)

type StringContent(content: string, encoding: Encoding, mediaType: string) =
    inherit HttpContent(Encoding.UTF8.GetBytes content, mediaType + "; charset=utf-8")
    new(content: string) = StringContent(content, Encoding.UTF8, "text/plain")
    new(content: string, encoding: Encoding) = StringContent(content, encoding, "text/plain")

/// Parts of a form, each with its name.
type MultipartFormDataContent() =
    inherit HttpContent([||], "multipart/form-data; boundary=----metascript-part")
    let parts = ResizeArray<string>()
    member this.Add(content: HttpContent, name: string) = this.Add(content, name, null)

    member _.Add(content: HttpContent, name: string, file: string) =
        let fileName = if isNull file then "" else $"; filename=\"{file}\""
        parts.Add($"------metascript-part\r\nContent-Disposition: form-data; name=\"{name}\"{fileName}\r\n\r\n{Encoding.UTF8.GetString content.Bytes}\r\n")

    override _.Bytes = Encoding.UTF8.GetBytes(String.Join("", parts) + "------metascript-part--\r\n")

type FormUrlEncodedContent(pairs: seq<System.Collections.Generic.KeyValuePair<string, string>>) =
    inherit
        HttpContent(
            pairs
            |> Seq.map (fun pair -> Uri.EscapeDataString pair.Key + "=" + Uri.EscapeDataString pair.Value)
            |> String.concat "&"
            |> Encoding.UTF8.GetBytes,
            "application/x-www-form-urlencoded"
        )

type HttpRequestMessage(method: HttpMethod, url: string) =
    let headers = HttpHeaders()
    new() = HttpRequestMessage(HttpMethod.Get, "")
    new(method: HttpMethod, url: Uri) = HttpRequestMessage(method, url.ToString())
    member val Method = method with get, set
    member val Url = url with get, set
    member this.RequestUri
        with get () = Uri(this.Url)
        and set (value: Uri) = this.Url <- value.ToString()
    member val Content: HttpContent = null with get, set
    member _.Headers = headers
    interface IDisposable with
        member _.Dispose() = ()
    member _.Dispose() = ()

type HttpResponseMessage(status: HttpStatusCode) =
    let headers = HttpHeaders()
    member val StatusCode = status with get, set
    member val ReasonPhrase = "" with get, set
    member val Content: HttpContent = null with get, set
    member _.Headers = headers
    member this.IsSuccessStatusCode = int this.StatusCode >= 200 && int this.StatusCode <= 299
    member this.EnsureSuccessStatusCode() =
        if not this.IsSuccessStatusCode then
            raise (HttpRequestException $"Response status code does not indicate success: {int this.StatusCode} ({this.ReasonPhrase}).")
        this
    interface IDisposable with
        member _.Dispose() = ()
    member _.Dispose() = ()

type HttpClientHandler() =
    member val AllowAutoRedirect = true with get, set
    member val UseCookies = true with get, set

/// Requests through the host, which knows where a script may connect to.
type HttpClient() =
    let headers = HttpHeaders()
    new(_: HttpClientHandler) = HttpClient()
    member val Timeout = TimeSpan.FromSeconds 100.0 with get, set
    member val BaseAddress: Uri = Unchecked.defaultof<Uri> with get, set
    member _.DefaultRequestHeaders = headers

    member this.SendAsync(message: HttpRequestMessage) : Task<HttpResponseMessage> =
        Task.Run<HttpResponseMessage>(fun () ->
            let url =
                if isNull (box this.BaseAddress) || message.Url.Contains "://" then
                    message.Url
                else
                    this.BaseAddress.ToString().TrimEnd('/') + "/" + message.Url.TrimStart('/')
            let pairs =
                [| yield! headers.Pairs
                   yield! message.Headers.Pairs
                   if not (isNull message.Content) then
                       yield! message.Content.Headers.Pairs |]
            let body = if isNull message.Content then null else message.Content.Bytes
            let answer =
                request message.Method.Method url pairs body this.Timeout.TotalMilliseconds (fun text -> HttpRequestException text :> exn)
            let content = new ByteArrayContent(answer.body)
            let made = new HttpResponseMessage(enum<HttpStatusCode> answer.status, ReasonPhrase = answer.reason, Content = content)
            for name, value in answer.headers do
                if name.ToLowerInvariant().StartsWith "content-" then
                    content.Headers.Add(name, value)
                else
                    made.Headers.Add(name, value)
            made)

    member this.SendAsync(message: HttpRequestMessage, _: System.Threading.CancellationToken) = this.SendAsync message
    member this.GetAsync(url: string) = this.SendAsync(new HttpRequestMessage(HttpMethod.Get, url))
    member this.GetAsync(url: Uri) = this.GetAsync(url.ToString())
    member this.GetAsync(url: string, _: System.Threading.CancellationToken) = this.GetAsync url
    member this.DeleteAsync(url: string) = this.SendAsync(new HttpRequestMessage(HttpMethod.Delete, url))
    member this.PostAsync(url: string, content: HttpContent) = this.SendAsync(new HttpRequestMessage(HttpMethod.Post, url, Content = content))
    member this.PostAsync(url: Uri, content: HttpContent) = this.PostAsync(url.ToString(), content)
    member this.PostAsync(url: string, content: HttpContent, _: System.Threading.CancellationToken) = this.PostAsync(url, content)
    member this.PutAsync(url: string, content: HttpContent) = this.SendAsync(new HttpRequestMessage(HttpMethod.Put, url, Content = content))
    member this.PatchAsync(url: string, content: HttpContent) = this.SendAsync(new HttpRequestMessage(HttpMethod.Patch, url, Content = content))

    member this.GetByteArrayAsync(url: string) : Task<byte[]> =
        task {
            let! answer = this.GetAsync url
            return answer.EnsureSuccessStatusCode().Content.Bytes
        }

    member this.GetStringAsync(url: string) : Task<string> =
        task {
            let! answer = this.GetAsync url
            return Encoding.UTF8.GetString(answer.EnsureSuccessStatusCode().Content.Bytes)
        }

    member this.GetAsync(url: Uri, _: System.Threading.CancellationToken) = this.GetAsync url
    member this.DeleteAsync(url: Uri) = this.DeleteAsync(url.ToString())
    member this.PutAsync(url: Uri, content: HttpContent) = this.PutAsync(url.ToString(), content)
    member this.GetStringAsync(url: Uri) = this.GetStringAsync(url.ToString())
    member _.CancelPendingRequests() = ()
    member _.Dispose() = ()

    interface IDisposable with
        member _.Dispose() = ()
