type Account(owner: string, initial: decimal) =
    let mutable balance = initial
    member _.Owner = owner
    member _.Balance = balance
    member this.Deposit(amount: decimal) = balance <- balance + amount
    static member Create(name) = Account(name, 0m)
    override this.ToString() = sprintf "%s: %M" owner balance
type IShape =
    abstract Area: unit -> float
type Square(side) =
    interface IShape with
        member _.Area() = side * side
let acc = Account.Create "a"
acc.Deposit 5m
let shape = { new IShape with member _.Area() = 1.0 }
module Inner =
    let helper x = x * 2
Inner.helper 2
