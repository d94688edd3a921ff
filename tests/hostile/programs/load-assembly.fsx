System.Reflection.Assembly.LoadFile "/usr/lib/libc.so.6" |> ignore
