[<AbstractClass>]
type Shape(name: string) =
    abstract Area: float
    abstract Describe: unit -> string
    default this.Describe() = sprintf "%s %.2f" name this.Area
    member val Tag = "" with get, set
type Circle(r: float) =
    inherit Shape("circle")
    override _.Area = Math.PI * r * r
type Square(a: float) =
    inherit Shape("square")
    override _.Area = a * a
    override this.Describe() = "sq " + base.Describe()
    interface IDisposable with member _.Dispose() = printfn "disposed"
    interface IComparable with member this.CompareTo o = 0
let shapes: Shape list = [Circle 1.0; new Square(2.0)]
for s in shapes do printfn "%s" (s.Describe())
do
    use s = new Square(1.0)
    printfn "%s" (s.Describe())
