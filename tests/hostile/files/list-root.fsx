// hides: /etc
Directory.GetFiles "/" |> Array.iter (printfn "%s")
