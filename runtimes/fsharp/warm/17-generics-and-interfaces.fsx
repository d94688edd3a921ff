type Stack2<'T>() =
    let mutable items: 'T list = []
    member _.Push x = items <- x :: items
    member _.TryPop() = match items with [] -> None | x :: r -> items <- r; Some x
    member _.Count = List.length items
let s = Stack2<int>()
s.Push 1
printfn "%A %d" (s.TryPop()) s.Count
type IShape = abstract Area: unit -> float
let sq a = { new IShape with member _.Area() = a * a }
printfn "%f" ((sq 2.0).Area())
[<Struct>] type Pt = { X: int; Y: int } with static member (+) (a, b) = { X = a.X + b.X; Y = a.Y + b.Y }
printfn "%A" ({ X = 1; Y = 2 } + { X = 3; Y = 4 })
type Color = Red = 1 | Green = 2
printfn "%A %d" Color.Red (int Color.Green)
let inline add a b = a + b
printfn "%d %s" (add 1 2) (add "a" "b")
type Tree<'a> = Leaf | Node of Tree<'a> * 'a * Tree<'a>
let rec insert x = function Leaf -> Node(Leaf, x, Leaf) | Node(l, v, r) as n -> if x < v then Node(insert x l, v, r) elif x > v then Node(l, v, insert x r) else n
printfn "%A" ([3;1;2] |> List.fold (fun t x -> insert x t) Leaf)
