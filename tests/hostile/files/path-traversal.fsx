File.ReadAllLines(Path.Combine("notes", "..", "..", "..", "etc", "hostname")) |> Array.iter (printfn "%s")
