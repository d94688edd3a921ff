// Collections that never change, collections of names, and what tells of changed properties.
namespace System.Collections.Immutable

open System
open System.Collections
open System.Collections.Generic

/// What lists and arrays that never change have in common.
type ImmutableList<'T>(items: 'T[]) =
    static member Empty: ImmutableList<'T> = ImmutableList<'T>([||])
    member _.Count = items.Length
    member _.Length = items.Length
    member _.IsEmpty = items.Length = 0

    member _.Item
        with get (index: int): 'T =
            if index < 0 || index >= items.Length then
                raise (ArgumentOutOfRangeException "index")
            items.[index]

    member _.Add(item: 'T) = ImmutableList<'T>(Array.append items [| item |])
    member _.AddRange(more: seq<'T>) = ImmutableList<'T>(Array.append items (Array.ofSeq more))
    member _.Insert(index: int, item: 'T) = ImmutableList<'T>(Array.insertAt index item items)
    member _.SetItem(index: int, item: 'T) = ImmutableList<'T>(Array.updateAt index item items)
    member _.RemoveAt(index: int) = ImmutableList<'T>(Array.removeAt index items)
    member _.RemoveAll(fits: 'T -> bool) = ImmutableList<'T>(Array.filter (fun item -> not (fits item)) items)
    member _.Clear() = ImmutableList<'T>([||])
    member _.Reverse() = ImmutableList<'T>(Array.rev items)
    member _.ToArray() = Array.copy items

    interface IEnumerable<'T> with
        member _.GetEnumerator() : IEnumerator<'T> = (items :> seq<'T>).GetEnumerator()

    interface IEnumerable with
        member _.GetEnumerator() : IEnumerator = (items :> seq<'T>).GetEnumerator() :> IEnumerator

type ImmutableDictionary<'K, 'V when 'K: equality>(pairs: Dictionary<'K, 'V>) =
    let changed (change: Dictionary<'K, 'V> -> unit) =
        let copy = Dictionary<'K, 'V>()
        for pair in pairs do
            copy.[pair.Key] <- pair.Value
        change copy
        ImmutableDictionary<'K, 'V>(copy)

    static member Empty: ImmutableDictionary<'K, 'V> = ImmutableDictionary<'K, 'V>(Dictionary<'K, 'V>())
    member _.Count = pairs.Count
    member _.IsEmpty = pairs.Count = 0
    member _.Item with get (key: 'K): 'V = pairs.[key]
    member _.ContainsKey(key: 'K) = pairs.ContainsKey key
    member _.Keys: seq<'K> = pairs.Keys
    member _.Values: seq<'V> = pairs.Values

    member _.TryGetValue(key: 'K, [<System.Runtime.InteropServices.Out>] value: byref<'V>) : bool =
        if pairs.ContainsKey key then
            value <- pairs.[key]
            true
        else
            false

    member _.Add(key: 'K, value: 'V) =
        if pairs.ContainsKey key then
            raise (ArgumentException $"An element with the same key but a different value already exists. Key: '{key}'")
        changed (fun copy -> copy.[key] <- value)

    member _.SetItem(key: 'K, value: 'V) = changed (fun copy -> copy.[key] <- value)
    member _.Remove(key: 'K) = changed (fun copy -> copy.Remove key |> ignore)

    interface IEnumerable<KeyValuePair<'K, 'V>> with
        member _.GetEnumerator() : IEnumerator<KeyValuePair<'K, 'V>> = (pairs :> seq<KeyValuePair<'K, 'V>>).GetEnumerator()

    interface IEnumerable with
        member _.GetEnumerator() : IEnumerator = (pairs :> seq<KeyValuePair<'K, 'V>>).GetEnumerator() :> IEnumerator

type ImmutableHashSet<'T when 'T: equality>(items: HashSet<'T>) =
    let changed (change: HashSet<'T> -> unit) =
        let copy = HashSet<'T>(items)
        change copy
        ImmutableHashSet<'T>(copy)

    static member Empty: ImmutableHashSet<'T> = ImmutableHashSet<'T>(HashSet<'T>())
    member _.Count = items.Count
    member _.IsEmpty = items.Count = 0
    member _.Contains(item: 'T) = items.Contains item
    member _.Add(item: 'T) = changed (fun copy -> copy.Add item |> ignore)
    member _.Remove(item: 'T) = changed (fun copy -> copy.Remove item |> ignore)
    member _.Union(other: seq<'T>) = changed (fun copy -> for item in other do copy.Add item |> ignore)

    interface IEnumerable<'T> with
        member _.GetEnumerator() : IEnumerator<'T> = (items :> seq<'T>).GetEnumerator()

    interface IEnumerable with
        member _.GetEnumerator() : IEnumerator = (items :> seq<'T>).GetEnumerator() :> IEnumerator

type ImmutableArray<'T> = ImmutableList<'T>

type ImmutableList =
    static member Create<'T>([<ParamArray>] items: 'T[]) = ImmutableList<'T>(Array.copy items)
    static member CreateRange(items: seq<'T>) = ImmutableList<'T>(Array.ofSeq items)

type ImmutableArray =
    static member Create<'T>([<ParamArray>] items: 'T[]) = ImmutableList<'T>(Array.copy items)
    static member CreateRange(items: seq<'T>) = ImmutableList<'T>(Array.ofSeq items)

type ImmutableDictionary =
    static member Create<'K, 'V when 'K: equality>() = ImmutableDictionary<'K, 'V>.Empty

    static member CreateRange(pairs: seq<KeyValuePair<'K, 'V>>) =
        let copy = Dictionary<'K, 'V>()
        for pair in pairs do
            copy.[pair.Key] <- pair.Value
        ImmutableDictionary<'K, 'V>(copy)

type ImmutableHashSet =
    static member Create<'T when 'T: equality>([<ParamArray>] items: 'T[]) = ImmutableHashSet<'T>(HashSet<'T>(items))
    static member CreateRange(items: seq<'T>) = ImmutableHashSet<'T>(HashSet<'T>(items))

namespace System.Collections.Specialized

open System
open System.Collections.Generic

/// Several values may stand under one name; names are compared without regard to case.
type NameValueCollection() =
    let names = List<string>()
    let values = Dictionary<string, List<string>>()
    let known (name: string) = (if isNull name then "" else name).ToLowerInvariant()

    member _.Count = names.Count
    member _.AllKeys: string[] = names.ToArray()
    member _.Keys: seq<string> = names

    member _.GetValues(name: string) : string[] =
        if values.ContainsKey(known name) then values.[known name].ToArray() else null

    member this.Get(name: string) : string =
        match this.GetValues name with
        | null -> null
        | found -> String.Join(",", found)

    member this.Item
        with get (name: string): string = this.Get name
        and set (name: string) (value: string) = this.Set(name, value)

    member _.Add(name: string, value: string) : unit =
        if not (values.ContainsKey(known name)) then
            names.Add name
            values.[known name] <- List<string>()
        values.[known name].Add value

    member this.Set(name: string, value: string) : unit =
        if values.ContainsKey(known name) then values.[known name].Clear()
        this.Add(name, value)

    member _.Remove(name: string) : unit =
        if values.Remove(known name) then
            names.RemoveAll(fun other -> known other = known name) |> ignore

    member _.Clear() : unit =
        names.Clear()
        values.Clear()

namespace System.ComponentModel

type PropertyChangedEventArgs(name: string) =
    member _.PropertyName = name

type PropertyChangedEventHandler = delegate of obj * PropertyChangedEventArgs -> unit

type INotifyPropertyChanged =
    [<CLIEvent>]
    abstract PropertyChanged: IEvent<PropertyChangedEventHandler, PropertyChangedEventArgs>
