open System.Runtime.InteropServices
[<DllImport("libc.so.6")>]
extern int getpid()
printfn "%d" (getpid ())
