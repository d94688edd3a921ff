// expect: stopped
// limit: memory=160MiB
Seq.initInfinite id |> Seq.toList |> List.length
