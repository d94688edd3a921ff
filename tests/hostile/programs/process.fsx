System.Diagnostics.Process.Start("ls", "/") |> ignore
