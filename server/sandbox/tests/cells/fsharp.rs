use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use metascript_sandbox::{Engine, EngineOptions, FSharpScript, Language, Limits, Status, Value};

use crate::support::{assert_picture, engine, fs, js, notebook, patient, py, runtimes, session};

fn show(cells: &[&str]) -> String {
    notebook(Language::FSharp, cells)
}

#[test]
fn everyday_cells() {
    assert_picture!(show(&[
        "let scores = [ 91; 78; 85 ]\nlet best = List.max scores\nprintfn \"%d of %A\" best scores\nscores |> List.averageBy float",
        "type Person = { Name: string; Age: int }\nlet people = [ { Name = \"Ada\"; Age = 36 }; { Name = \"Alan\"; Age = 41 } ]\npeople |> List.map (fun p -> p.Name, p.Age + 1)",
        "type Shape =\n    | Circle of radius: float\n    | Rect of float * float\nlet area = function\n    | Circle r -> Math.PI * r * r\n    | Rect (w, h) -> w * h\n[ Circle 1.0; Rect (2.0, 3.5) ] |> List.map area",
        "let rec fib n = if n < 2 then n else fib (n - 1) + fib (n - 2)\n[ for i in 1..10 -> fib i ]",
        "let counts = \"the cat and the dog and the bird\".Split(' ') |> Array.countBy id |> Array.sortByDescending snd\ncounts",
        "let stock = Map [ \"apples\", 3; \"pears\", 0 ]\nstock |> Map.filter (fun _ n -> n > 0) |> Map.toList",
        "let safeDivide a b = if b = 0 then Error \"division by zero\" else Ok (a / b)\n[ safeDivide 10 2; safeDivide 1 0 ]",
        "let d = DateTime(2026, 1, 31)\nd.AddDays(1.0).ToString(\"yyyy-MM-dd\"), d.DayOfWeek",
        "let work = async {\n    do! Async.Sleep 5\n    return 21 }\n2 * (work |> Async.RunSynchronously)",
        "let t = task {\n    let! a = Task.FromResult 40\n    return a + 2 }\nt.Result",
        "let sb = StringBuilder()\nfor word in [ \"one\"; \"two\" ] do sb.Append(word).Append(' ') |> ignore\nsb.ToString().Trim()",
        "let m = Regex.Match(\"order 4711 of 2026\", @\"\\d+\")\nif m.Success then m.Value else \"none\"",
        "let seen = Dictionary<string, int>()\nseen.[\"a\"] <- 1\nseen.[\"b\"] <- 2\nseen |> Seq.sumBy (fun pair -> pair.Value)",
        "try\n    failwith \"no luck\"\nwith ex -> printfn \"caught: %s\" ex.Message",
        "let mutable total = 0\nfor i in 1..100 do total <- total + i\ntotal",
        "type Account(owner: string) =\n    let mutable balance = 0m\n    member _.Owner = owner\n    member _.Deposit amount = balance <- balance + amount\n    member _.Balance = balance\nlet account = Account \"Ada\"\naccount.Deposit 12.5m\naccount.Balance",
        "let json = JsonSerializer.Serialize {| id = 1; tags = [ \"x\"; \"y\" ] |}\nlet doc = JsonDocument.Parse json\njson, doc.RootElement.GetProperty(\"tags\").GetArrayLength()",
        "let (|Even|Odd|) n = if n % 2 = 0 then Even else Odd\n[ 1..4 ] |> List.map (function Even -> \"even\" | Odd -> \"odd\")",
        "seq { for x in 1..3 do for y in 1..3 do if x < y then x, y } |> Seq.toArray",
        "Console.WriteLine(\"{0} + {1}\", 1, 2)\nprintfn $\"{1.5:F2} and %05d{42}\"\nString.Join(\", \", [ \"a\"; \"b\" ])",
    ]));
}

#[test]
fn what_a_cell_binds_outlives_it() {
    assert_picture!(show(&[
        "let x = 40\nlet add a b = a + b\ntype Point = { X: int; Y: int }\nopen System.Globalization",
        "add x 2",
        "let p = { X = 1; Y = 2 }\n{ p with Y = 5 }",
        "let x = \"hides the number\"\nx.Length",
        "add 1 x",
        "x",
        "    let indented = 1\n    indented + 1",
        "module Tools =\n    let twice n = 2 * n",
        "Tools.twice 21",
        "let mutable n = 1\nn <- n + 1",
        "n <- n + 1\nn",
        "fun y -> y + 1",
        "()",
    ]));
}

#[test]
fn errors_have_codes_and_lines_of_the_script() {
    assert_picture!(show(&[
        "let a = 1\nlet b : int = \"text\"",
        "foo 3",
        "let x =",
        "match Some 1 with\n| Some n -> n",
        "let fail () = failwith \"inside\"\nfail ()",
        "fail ()",
        "[ 1 ].[3]",
        "let o : string = null\no.Length",
        "#r \"nuget: FSharp.Data\"\n1",
        "System.Diagnostics.Process.Start(\"ls\")",
        "let kept = 1\nlet broken : int = \"no\"",
        "kept",
    ]));
    let mut session = session();
    let error = fs(&mut session, "let y = 1\nlet z : int = \"s\"")
        .error()
        .clone();
    assert_eq!(
        (error.name.as_str(), error.line, error.column),
        ("FS0001", Some(11), Some(14))
    );
}

#[test]
fn what_does_not_exist_here_compiles_and_fails_when_it_is_reached() {
    assert_picture!(show(&[
        "open System.Net.Sockets\nlet connect () =\n    use client = new TcpClient()\n    client.Connect(\"localhost\", 80)\ntry connect () with error -> printfn \"%s\" error.Message",
        "open Newtonsoft.Json\nopen System\nMath.Max(1, 2)",
        "let reply (text: string) = System.Net.WebRequest.Create(text).GetResponse()\ntry reply \"http://localhost\" |> ignore with error -> printfn \"%s\" error.Message",
    ]));
}

#[test]
fn collections_queries_and_hashes_of_dotnet() {
    assert_picture!(show(&[
        "open System.Linq\nlet words = [\"pear\"; \"fig\"; \"plum\"]\nwords.Where(fun word -> word.Length > 3).OrderBy(fun word -> word).ToList() |> List.ofSeq",
        "words.GroupBy(fun word -> word.Length).Select(fun group -> group.Key, group.Count()).ToArray()",
        "let ages = SortedDictionary<string, int>()\nages.Add(\"b\", 2)\nages.Add(\"a\", 1)\n[ for pair in ages -> pair.Key, pair.Value ]",
        "let queue = PriorityQueue<string, int>()\nqueue.Enqueue(\"later\", 2)\nqueue.Enqueue(\"first\", 1)\nqueue.Dequeue()",
        "open System.Security.Cryptography\nlet hex (bytes: byte[]) = Convert.ToHexString(bytes).ToLowerInvariant()\n[ for hash in [ SHA1.HashData; SHA384.HashData; SHA512.HashData ] -> hex (hash \"abc\"B) ]",
    ]));
}

#[test]
fn whole_numbers_are_not_divided_by_zero() {
    assert_picture!(show(&[
        "let a, b = -7, 2\na / b, a % b, 7u / 2u, 7 / -2, 7.0 / 2.0, 7L / 2L, 7m / 2m",
        "let zero = 0\ntry string (1 / zero) with :? DivideByZeroException as error -> error.Message",
        "let zero = 0\ntry string (1 % zero) with error -> error.Message",
        "let zero = 0L\ntry string (1L / zero) with :? DivideByZeroException as error -> error.Message",
        "1.0 / 0.0",
        "[ 1; 2; 3; 4 ] |> List.averageBy float, ([ 1..10 ] |> List.filter (fun n -> n % 3 = 0)), Math.DivRem(7, 2)",
    ]));
}

#[test]
fn cells_that_declare_nothing_stand_between_those_that_do() {
    assert_picture!(show(&[
        "printfn \"first\"",
        "let score = 20",
        "score + 1",
        "let shown = score * 2\nshown + 1",
        "score + shown",
    ]));
}

#[test]
fn loops_in_tasks_wait_for_each_step() {
    assert_picture!(show(&[
        "let sum = task {\n    let mutable total = 0\n    for n in 1..3 do\n        do! Task.Delay 1\n        total <- total + n\n    return total }\nsum.Result",
        "let count = task {\n    let mutable n = 0\n    while n < 4 do\n        let! step = Task.FromResult 2\n        n <- n + step\n    return n }\ncount |> Async.AwaitTask |> Async.RunSynchronously",
        "let broken = task {\n    for n in [ 2; 0 ] do\n        printfn \"%d\" (10 / n)\n    return () }\ntry broken.Wait() with error -> printfn \"%s\" error.InnerException.Message",
    ]));
}

#[test]
fn collections_of_other_namespaces() {
    assert_picture!(show(&[
        "open System.Collections.Immutable\nlet list = ImmutableList.Create(1, 2, 3).Add(4).SetItem(0, 9)\nlist.Count, List.ofSeq list",
        "let ages = ImmutableDictionary<string, int>.Empty.Add(\"ada\", 36).SetItem(\"alan\", 41)\n[ for pair in ages -> pair.Key, pair.Value ], ages.ContainsKey \"bob\"",
        "ImmutableHashSet.Create(\"x\", \"y\").Add(\"x\").Count",
        "open System.Collections.Specialized\nlet names = NameValueCollection()\nnames.Add(\"Accept\", \"a\")\nnames.Add(\"accept\", \"b\")\nnames.[\"ACCEPT\"], names.AllKeys",
        "open System.ComponentModel\ntype Model() =\n    let changed = Event<PropertyChangedEventHandler, PropertyChangedEventArgs>()\n    member this.Touch() = changed.Trigger(this, PropertyChangedEventArgs \"Name\")\n    interface INotifyPropertyChanged with\n        [<CLIEvent>]\n        member _.PropertyChanged = changed.Publish\nlet model = Model()\n(model :> INotifyPropertyChanged).PropertyChanged.Add(fun change -> printfn \"%s\" change.PropertyName)\nmodel.Touch()",
        "StringBuilder(\"world\").Insert(0, \"hello \").Remove(5, 1).ToString()",
        "try\n    Dictionary<string, int>().[\"x\"]\nwith :? KeyNotFoundException as error -> printfn \"%s\" error.Message; 0",
        "use memory = new MemoryStream()\nuse writer = new StreamWriter(memory)\nwriter.Write(\"h\u{e9}\")\nwriter.Flush()\nmemory.Length",
    ]));
}

#[test]
fn tars_has_the_names_of_older_scripts() {
    assert_picture!(show(&[
        "let api = TarsApiRegistry.GetApi()\nasync {\n    let! hits = api.VectorStore.SearchAsync(\"x\", 5)\n    let! text = api.LlmService.CompleteAsync(\"hello\", \"any\")\n    return hits.Length, text\n}\n|> Async.RunSynchronously",
        "tars.llm.complete(\"hello\", temperature = 0.5).text",
    ]));
}

#[test]
fn shared_variables_have_types() {
    let mut session = session();
    py(
        &mut session,
        "people = [{'name': 'Ada', 'born': 1815}, {'name': 'Alan', 'born': 1912}]\nlimit = 1900\nrate = 0.5\nmixed = {'a': 1, 'b': 'x', 'list': [1, 2]}\nnothing = None\nbig = 2**70",
    );
    let see = |session: &mut _, code: &str| fs(session, code).text().to_owned();
    assert_eq!(
        see(
            &mut session,
            "people |> List.filter (fun p -> p.born < limit) |> List.map (fun p -> p.name.ToUpper())"
        ),
        "[\"ADA\"]"
    );
    assert_eq!(see(&mut session, "rate * 4.0"), "2.0");
    assert_eq!(
        see(&mut session, "mixed.b, mixed.list |> List.sum"),
        "(\"x\", 3)"
    );
    assert_eq!(see(&mut session, "big + 1I"), "1180591620717411303425");
    fs(
        &mut session,
        "let names = people |> List.map (fun p -> p.name)\nlet summary = {| count = people.Length; oldest = List.minBy (fun p -> p.born) people |}",
    );
    assert_eq!(py(&mut session, "names").text(), "['Ada', 'Alan']");
    assert_eq!(
        js(&mut session, "`${summary.count} ${summary.oldest.name}`").text(),
        "'2 Ada'"
    );
    // A change elsewhere is seen, with its new type.
    py(&mut session, "limit = 'text now'");
    assert_eq!(see(&mut session, "limit.Length"), "8");
    fs(&mut session, "metascript.set(\"made\", [ 1.5; 2.0 ])");
    assert_eq!(py(&mut session, "made").text(), "[1.5, 2.0]");
    assert_eq!(
        see(&mut session, "metascript.get<float list> \"made\""),
        "[1.5; 2.0]"
    );
    fs(&mut session, "let twice n = 2 * n");
    let error = py(&mut session, "twice").error().clone();
    assert!(
        error.message.contains("functions and types stay"),
        "{error:?}"
    );
}

#[test]
fn the_last_result_travels() {
    let mut session = session();
    fs(&mut session, "[ 1; 2; 3 ]");
    assert_eq!(py(&mut session, "sum(_last_result)").text(), "6");
    assert_eq!(fs(&mut session, "_last_result + 1").text(), "7");
}

/// A cell that the compiler never ends with: each line doubles the type of the one before.
fn hard() -> String {
    let mut hard = "let f0 x = (x, x)\n".to_owned();
    for at in 1..28 {
        hard += &format!("let f{at} x = f{} (f{} x)\n", at - 1, at - 1);
    }
    hard
}

#[test]
fn a_compiler_at_work_is_stopped_and_nothing_is_lost() {
    let hard = hard();
    let mut session = engine().session(Limits {
        wall_time: Duration::from_mins(1),
        ..Limits::default()
    });
    fs(&mut session, "let kept = 41");
    session.set_limits(Limits {
        wall_time: Duration::from_millis(1500),
        ..Limits::default()
    });
    let stopped = fs(&mut session, &hard);
    assert_ne!(stopped.outcome.status, Status::Ok, "{}", stopped.picture());
    assert!(stopped.outcome.lost.is_empty(), "{}", stopped.picture());
    session.set_limits(Limits {
        wall_time: Duration::from_mins(1),
        ..Limits::default()
    });
    assert_eq!(fs(&mut session, "kept + 1").text(), "42");
}

#[test]
fn cells_and_editor_ask_one_compiler_and_neither_loses_by_it() {
    // An engine of its own: nobody else keeps the editor's compiler busy.
    let engine = Engine::new(EngineOptions {
        runtimes: Some(runtimes()),
        cache: Some(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sandbox-cache")),
    })
    .unwrap();
    let editor = engine.fsharp_editor().unwrap();
    let cells = ["let kept = 41", "kept + \"\"", "kept + 1"];
    let script = FSharpScript {
        shared: Vec::new(),
        cells: cells.iter().map(|code| Arc::from(*code)).collect(),
    };
    let wrong = |cell| -> Vec<_> {
        let found = editor.check(&script, cell);
        found.into_iter().map(|one| one.code).collect()
    };
    assert_eq!([wrong(0), wrong(2)], [Vec::<String>::new(), Vec::new()]);
    let mut session = engine.session(patient());
    assert_eq!(fs(&mut session, cells[0]).outcome.status, Status::Ok);
    assert_eq!(
        wrong(1),
        ["FS0001"],
        "what has run is above the cell all the same"
    );
    let failed = fs(&mut session, cells[1]);
    assert_eq!(
        failed.outcome.status,
        Status::Failed,
        "{}",
        failed.picture()
    );
    // The cell takes the editor's compiler with it.
    session.set_limits(Limits {
        wall_time: Duration::from_millis(1500),
        ..Limits::default()
    });
    let stopped = fs(&mut session, &hard());
    assert_ne!(stopped.outcome.status, Status::Ok, "{}", stopped.picture());
    assert_eq!(wrong(1), ["FS0001"]);
    session.set_limits(patient());
    assert_eq!(fs(&mut session, cells[2]).text(), "42");
}

#[test]
fn an_interrupt_reaches_the_compiler() {
    let hard = hard();
    let mut session = session();
    fs(&mut session, "let kept = 41");
    let handle = session.interrupt_handle();
    let waiting = std::thread::spawn(move || {
        while !handle.interrupt() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    let stopped = fs(&mut session, &hard);
    waiting.join().unwrap();
    assert_ne!(stopped.outcome.status, Status::Ok, "{}", stopped.picture());
    assert!(stopped.outcome.lost.is_empty(), "{}", stopped.picture());
    assert_eq!(fs(&mut session, "kept + 1").text(), "42");
}

#[test]
fn sessions_share_a_compiler_and_nothing_else() {
    let (mut one, mut other) = (session(), session());
    fs(&mut one, "let secret = 1\ntype Hidden = { S: int }");
    assert!(fs(&mut other, "secret").error().message.contains("secret"));
    assert_eq!(fs(&mut one, "{ S = secret }.S").text(), "1");
    one.restart();
    assert!(fs(&mut one, "secret").error().message.contains("secret"));
}

#[test]
fn explanation_sees_earlier_cells() {
    let mut session = session();
    fs(
        &mut session,
        "let people = [ \"Ada\" ]\nlet population = people.Length",
    );
    let found = session
        .inspect(Language::FSharp, "popul", "ation")
        .unwrap()
        .unwrap();
    assert!(found.title.contains("population"), "{found:?}");
    assert_eq!(found.preview, "1");
}

#[test]
fn variables_are_listed_and_set() {
    let mut session = session();
    fs(&mut session, "let n = 3\nlet words = [ \"a\"; \"b\" ]");
    let listed: Vec<String> = session
        .variables()
        .unwrap()
        .into_iter()
        .map(|one| format!("{}: {} = {}", one.name, one.type_name, one.preview))
        .collect();
    assert!(listed.contains(&"n: int = 3".to_owned()), "{listed:?}");
    assert!(
        listed.contains(&"words: string list = [\"a\"; \"b\"]".to_owned()),
        "{listed:?}"
    );
    session
        .set_variable("given", Value::Text("from outside".to_owned()))
        .unwrap();
    assert_eq!(fs(&mut session, "given.Length").text(), "12");
    let about = session.about(Language::FSharp).unwrap();
    assert!(about.implementation.starts_with("Fable 5"), "{about:?}");
}

#[test]
fn random_numbers_differ_between_sessions() {
    let draw = || {
        fs(&mut session(), "Random().NextDouble(), Guid.NewGuid()")
            .text()
            .to_owned()
    };
    assert_ne!(draw(), draw());
}
