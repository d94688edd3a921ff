// `System.Linq`, whose work the runner's library does.
namespace System.Linq

open System
open System.Runtime.CompilerServices
open Fable.Core

type IOrderedEnumerable<'T> =
    inherit seq<'T>

type IGrouping<'K, 'T> =
    inherit seq<'T>
    abstract Key: 'K

[<Extension>]
type Enumerable =
    static member Range(start: int, count: int) : seq<int> = Seq.init count (fun at -> start + at)
    static member Repeat(value: 'T, count: int) : seq<'T> = Seq.replicate count value
    static member Empty<'T>() : seq<'T> = Seq.empty

    [<Extension; Import("System_Linq_Enumerable_Select", "fable-library/Metascript.js")>]
    static member Select(source: seq<'T>, map: Func<'T, 'R>) : seq<'R> = jsNative

    [<Extension; Import("System_Linq_Enumerable_SelectMany", "fable-library/Metascript.js")>]
    static member SelectMany(source: seq<'T>, map: Func<'T, seq<'R>>) : seq<'R> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Where", "fable-library/Metascript.js")>]
    static member Where(source: seq<'T>, keep: Func<'T, bool>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_OrderBy", "fable-library/Metascript.js")>]
    static member OrderBy(source: seq<'T>, key: Func<'T, 'K>) : IOrderedEnumerable<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_OrderByDescending", "fable-library/Metascript.js")>]
    static member OrderByDescending(source: seq<'T>, key: Func<'T, 'K>) : IOrderedEnumerable<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ThenBy", "fable-library/Metascript.js")>]
    static member ThenBy(source: IOrderedEnumerable<'T>, key: Func<'T, 'K>) : IOrderedEnumerable<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ThenByDescending", "fable-library/Metascript.js")>]
    static member ThenByDescending(source: IOrderedEnumerable<'T>, key: Func<'T, 'K>) : IOrderedEnumerable<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Reverse", "fable-library/Metascript.js")>]
    static member Reverse(source: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_GroupBy", "fable-library/Metascript.js")>]
    static member GroupBy(source: seq<'T>, key: Func<'T, 'K>) : seq<IGrouping<'K, 'T>> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Distinct", "fable-library/Metascript.js")>]
    static member Distinct(source: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_DistinctBy", "fable-library/Metascript.js")>]
    static member DistinctBy(source: seq<'T>, key: Func<'T, 'K>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Union", "fable-library/Metascript.js")>]
    static member Union(source: seq<'T>, other: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Intersect", "fable-library/Metascript.js")>]
    static member Intersect(source: seq<'T>, other: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Except", "fable-library/Metascript.js")>]
    static member Except(source: seq<'T>, other: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Concat", "fable-library/Metascript.js")>]
    static member Concat(source: seq<'T>, other: seq<'T>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Append", "fable-library/Metascript.js")>]
    static member Append(source: seq<'T>, item: 'T) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Prepend", "fable-library/Metascript.js")>]
    static member Prepend(source: seq<'T>, item: 'T) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Take", "fable-library/Metascript.js")>]
    static member Take(source: seq<'T>, count: int) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Skip", "fable-library/Metascript.js")>]
    static member Skip(source: seq<'T>, count: int) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_TakeLast", "fable-library/Metascript.js")>]
    static member TakeLast(source: seq<'T>, count: int) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_SkipLast", "fable-library/Metascript.js")>]
    static member SkipLast(source: seq<'T>, count: int) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_TakeWhile", "fable-library/Metascript.js")>]
    static member TakeWhile(source: seq<'T>, keep: Func<'T, bool>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_SkipWhile", "fable-library/Metascript.js")>]
    static member SkipWhile(source: seq<'T>, drop: Func<'T, bool>) : seq<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Chunk", "fable-library/Metascript.js")>]
    static member Chunk(source: seq<'T>, size: int) : seq<'T[]> = jsNative

    [<Extension; Import("System_Linq_Enumerable_Sum", "fable-library/Metascript.js")>]
    static member Sum(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Sum", "fable-library/Metascript.js")>]
    static member Sum(source: seq<'T>, pick: Func<'T, 'R>) : 'R = jsNative

    [<Extension; Import("System_Linq_Enumerable_Average", "fable-library/Metascript.js")>]
    static member Average(source: seq<'T>) : float = jsNative

    [<Extension; Import("System_Linq_Enumerable_Average", "fable-library/Metascript.js")>]
    static member Average(source: seq<'T>, pick: Func<'T, 'R>) : float = jsNative

    [<Extension; Import("System_Linq_Enumerable_Max", "fable-library/Metascript.js")>]
    static member Max(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Max", "fable-library/Metascript.js")>]
    static member Max(source: seq<'T>, pick: Func<'T, 'R>) : 'R = jsNative

    [<Extension; Import("System_Linq_Enumerable_Min", "fable-library/Metascript.js")>]
    static member Min(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Min", "fable-library/Metascript.js")>]
    static member Min(source: seq<'T>, pick: Func<'T, 'R>) : 'R = jsNative

    [<Extension; Import("System_Linq_Enumerable_MaxBy", "fable-library/Metascript.js")>]
    static member MaxBy(source: seq<'T>, key: Func<'T, 'K>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_MinBy", "fable-library/Metascript.js")>]
    static member MinBy(source: seq<'T>, key: Func<'T, 'K>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Count", "fable-library/Metascript.js")>]
    static member Count(source: seq<'T>) : int = jsNative

    [<Extension; Import("System_Linq_Enumerable_Count", "fable-library/Metascript.js")>]
    static member Count(source: seq<'T>, keep: Func<'T, bool>) : int = jsNative

    [<Extension; Import("System_Linq_Enumerable_Any", "fable-library/Metascript.js")>]
    static member Any(source: seq<'T>) : bool = jsNative

    [<Extension; Import("System_Linq_Enumerable_Any", "fable-library/Metascript.js")>]
    static member Any(source: seq<'T>, keep: Func<'T, bool>) : bool = jsNative

    [<Extension; Import("System_Linq_Enumerable_All", "fable-library/Metascript.js")>]
    static member All(source: seq<'T>, keep: Func<'T, bool>) : bool = jsNative

    [<Extension; Import("System_Linq_Enumerable_Contains", "fable-library/Metascript.js")>]
    static member Contains(source: seq<'T>, item: 'T) : bool = jsNative

    [<Extension; Import("System_Linq_Enumerable_First", "fable-library/Metascript.js")>]
    static member First(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_First", "fable-library/Metascript.js")>]
    static member First(source: seq<'T>, keep: Func<'T, bool>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_FirstOrDefault", "fable-library/Metascript.js")>]
    static member FirstOrDefault(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_FirstOrDefault", "fable-library/Metascript.js")>]
    static member FirstOrDefault(source: seq<'T>, keep: Func<'T, bool>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Last", "fable-library/Metascript.js")>]
    static member Last(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Last", "fable-library/Metascript.js")>]
    static member Last(source: seq<'T>, keep: Func<'T, bool>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_LastOrDefault", "fable-library/Metascript.js")>]
    static member LastOrDefault(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Single", "fable-library/Metascript.js")>]
    static member Single(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_Single", "fable-library/Metascript.js")>]
    static member Single(source: seq<'T>, keep: Func<'T, bool>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_SingleOrDefault", "fable-library/Metascript.js")>]
    static member SingleOrDefault(source: seq<'T>) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_ElementAt", "fable-library/Metascript.js")>]
    static member ElementAt(source: seq<'T>, at: int) : 'T = jsNative

    [<Extension; Import("System_Linq_Enumerable_SequenceEqual", "fable-library/Metascript.js")>]
    static member SequenceEqual(source: seq<'T>, other: seq<'T>) : bool = jsNative

    [<Extension; Import("System_Linq_Enumerable_Aggregate", "fable-library/Metascript.js")>]
    static member Aggregate(source: seq<'T>, state: 'S, fold: Func<'S, 'T, 'S>) : 'S = jsNative

    [<Extension; Import("System_Linq_Enumerable_Zip", "fable-library/Metascript.js")>]
    static member Zip(source: seq<'A>, other: seq<'B>, combine: Func<'A, 'B, 'R>) : seq<'R> = jsNative

    [<Extension>]
    static member Zip(source: seq<'A>, other: seq<'B>) : seq<struct ('A * 'B)> =
        Seq.zip source other |> Seq.map (fun (a, b) -> struct (a, b))

    [<Extension>]
    static member Aggregate(source: seq<'T>, fold: Func<'T, 'T, 'T>) : 'T =
        Seq.reduce (fun state item -> fold.Invoke(state, item)) source

    [<Extension>]
    static member Cast<'R>(source: System.Collections.IEnumerable) : seq<'R> = Seq.cast<'R> source

    [<Extension>]
    static member OfType<'R>(source: System.Collections.IEnumerable) : seq<'R> =
        Seq.cast<'R> source |> Seq.filter (fun item -> not (isNull (box item)))

    [<Extension>]
    static member DefaultIfEmpty(source: seq<'T>, item: 'T) : seq<'T> =
        if Seq.isEmpty source then Seq.singleton item else source

    [<Extension; Import("System_Linq_Enumerable_Join", "fable-library/Metascript.js")>]
    static member Join(outer: seq<'A>, inner: seq<'B>, a: Func<'A, 'K>, b: Func<'B, 'K>, combine: Func<'A, 'B, 'R>) : seq<'R> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ToList", "fable-library/Metascript.js")>]
    static member ToList(source: seq<'T>) : System.Collections.Generic.List<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ToArray", "fable-library/Metascript.js")>]
    static member ToArray(source: seq<'T>) : 'T[] = jsNative

    [<Extension; Import("System_Linq_Enumerable_ToHashSet", "fable-library/Metascript.js")>]
    static member ToHashSet(source: seq<'T>) : System.Collections.Generic.HashSet<'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ToDictionary", "fable-library/Metascript.js")>]
    static member ToDictionary(source: seq<'T>, key: Func<'T, 'K>) : System.Collections.Generic.Dictionary<'K, 'T> = jsNative

    [<Extension; Import("System_Linq_Enumerable_ToDictionary", "fable-library/Metascript.js")>]
    static member ToDictionary(source: seq<'T>, key: Func<'T, 'K>, value: Func<'T, 'V>) : System.Collections.Generic.Dictionary<'K, 'V> = jsNative
