type Person = { Name: string; Age: int; Email: string option }
type Shape =
    | Circle of radius: float
    | Rect of w: float * h: float
    | Empty
let area shape =
    match shape with
    | Circle r -> Math.PI * r * r
    | Rect (w, h) -> w * h
    | Empty -> 0.0
let rec fact n = if n <= 1 then 1 else n * fact (n - 1)
let people = [ { Name = "a"; Age = 3; Email = None }; { Name = "b"; Age = 5; Email = Some "x" } ]
let older = people |> List.map (fun p -> { p with Age = p.Age + 1 })
for p in older do printfn "%s is %d" p.Name p.Age
printfn "%A" people
sprintf "%05.2f|%-6s|%x" (area (Circle 2.0)) "hi" 255
