//! The fifteen operations, for every language, as programs ask for them.

use metascript_sandbox::operations::{COULD_NOT, Desk, Fault, INVALID_PARAMS, METHODS, find};
use metascript_sandbox::{Event, Limits, Policy, Session};
use serde_json::{Value, json};

use crate::support::{engine, patient};

struct Table {
    session: Session,
    events: Vec<Event>,
}

impl Table {
    fn new() -> Self {
        Self {
            session: engine().session(patient()),
            events: Vec::new(),
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Fault> {
        let operation = find(&format!("metascript/{method}")).unwrap();
        let policies = |name: Option<&str>| {
            let name = name.unwrap_or("strict");
            Policy::built_in(name).ok_or_else(|| format!("no policy '{name}'"))
        };
        let events = &mut self.events;
        operation(
            &mut Desk {
                session: &mut self.session,
                policies: &policies,
                sink: &mut |event| events.push(event),
            },
            params,
        )
    }

    #[track_caller]
    fn done(&mut self, method: &str, params: Value) -> Value {
        match self.ask(method, params.clone()) {
            Ok(answer) => answer,
            Err(fault) => panic!("{method} {params}: {}", fault.message),
        }
    }

    #[track_caller]
    fn refused(&mut self, method: &str, params: Value, code: i64) -> String {
        match self.ask(method, params.clone()) {
            Ok(answer) => panic!("{method} {params} gave {answer}"),
            Err(fault) => {
                assert_eq!(fault.code, code, "{}", fault.message);
                fault.message
            }
        }
    }
}

/// A language in examples.
struct Spoken {
    language: &'static str,
    bind: &'static str,
    print: &'static str,
    /// An expression with the value 42 if `x` is 41.
    expression: &'static str,
    not_an_expression: &'static str,
    module: &'static str,
    member: &'static str,
    brought: &'static str,
    file: (&'static str, &'static str),
}

const SPOKEN: &[Spoken] = &[
    Spoken {
        language: "python",
        bind: "x = 41",
        print: "print('said', x)",
        expression: "x + 1  # one more",
        not_an_expression: "y = 2",
        module: "json",
        member: "dumps",
        brought: "statistics",
        file: ("code.py", "x = 41\nx + 1"),
    },
    Spoken {
        language: "javascript",
        bind: "let x = 41",
        print: "console.log('said', x)",
        expression: "x + 1 // one more",
        not_an_expression: "let y = 2",
        module: "tars",
        member: "fs",
        brought: "tars",
        file: ("code.js", "let x = 41\nx + 1"),
    },
    Spoken {
        language: "typescript",
        bind: "let x: number = 41",
        print: "console.log('said', x)",
        expression: "x + 1",
        not_an_expression: "let y = 2",
        module: "metascript",
        member: "get",
        brought: "metascript",
        file: ("code.ts", "let x: number = 41\nx + 1"),
    },
    Spoken {
        language: "fsharp",
        bind: "let x = 41",
        print: "printfn \"said %d\" x",
        expression: "x + 1 // one more",
        not_an_expression: "let y = 2",
        module: "System.Math",
        member: "Sqrt",
        brought: "",
        file: ("code.fsx", "let x = 41\nx + 1"),
    },
];

#[test]
fn every_language_has_the_fifteen() {
    for spoken in SPOKEN {
        fifteen(spoken);
    }
}

fn fifteen(spoken: &Spoken) {
    let language = spoken.language;
    let mut table = Table::new();

    // Is the runtime there, and which version is it?
    let there = table.done("runtime/has", json!({ "language": language }));
    assert_eq!(there["available"], true, "{there}");
    let version = table.done("version", json!({ "language": language }));
    assert!(
        version["runtime"]["version"]
            .as_str()
            .is_some_and(|text| !text.is_empty()),
        "{version}"
    );
    assert!(
        version["languages"]
            .as_array()
            .unwrap()
            .contains(&json!(language)),
        "{version}"
    );

    // Execute code.
    let ran = table.done(
        "execute",
        json!({ "language": language, "code": spoken.bind }),
    );
    assert_eq!(
        (&ran["status"], &ran["defined"]),
        (&json!("ok"), &json!(["x"])),
        "{ran}"
    );
    table.done(
        "execute",
        json!({ "language": language, "code": spoken.print }),
    );
    let said: String = table
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Stream { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(said, "said 41\n", "{language}");

    // Evaluate an expression.
    let value = table.done(
        "evaluate",
        json!({ "language": language, "expression": spoken.expression }),
    );
    assert_eq!(
        (&value["type"], &value["value"]),
        (&json!("integer"), &json!(42)),
        "{language} {value}"
    );
    let wrong = table.done(
        "evaluate",
        json!({ "language": language, "expression": spoken.not_an_expression }),
    );
    assert_eq!(wrong["status"], "failed", "{language} {wrong}");

    // Execute with variables.
    let variables = json!({ "n": 41, "big": { "$type": "integer", "value": "123456789012345678901234567890" }, "names": ["a", "b"] });
    let ran = table.done(
        "executeWith",
        json!({ "language": language, "code": "n + 1", "variables": variables, "resultVariable": "r" }),
    );
    assert_eq!(ran["status"], "ok", "{language} {ran}");
    assert_eq!(
        table.done("variable/get", json!({ "name": "r" }))["value"],
        42,
        "{language}"
    );

    // Set, get and list variables.
    table.done(
        "variable/set",
        json!({ "name": "big", "value": variables["big"], "language": language }),
    );
    let big = table.done(
        "variable/get",
        json!({ "name": "big", "language": language }),
    );
    assert_eq!(big["value"], variables["big"], "{language}");
    let listed = table.done("variable/list", json!({ "language": language }));
    let names: Vec<&str> = listed["variables"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    for name in ["x", "big", "names"] {
        assert!(names.contains(&name), "{language}: {names:?}");
    }

    // Execute a file.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(spoken.file.0);
    std::fs::write(&path, spoken.file.1).unwrap();
    let ran = table.done("executeFile", json!({ "path": path }));
    assert_eq!(
        ran["cells"][0]["result"]["text/plain"], "42",
        "{language} {ran}"
    );

    // Import a module and list its members.
    let module = table.done(
        "module/import",
        json!({ "language": language, "module": spoken.module }),
    );
    let members: Vec<&str> = module["members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert!(members.contains(&spoken.member), "{language}: {members:?}");
    table.refused(
        "module/import",
        json!({ "language": language, "module": "Nowhere_at_all" }),
        COULD_NOT,
    );

    // Packages.
    let listed = table.done("package/list", json!({ "language": language }));
    assert_eq!(listed["packages"], json!([]), "{listed}");
    let has = table.done(
        "package/has",
        json!({ "language": language, "name": "nowhere-at-all" }),
    );
    assert_eq!(has["present"], false, "{has}");
    if !spoken.brought.is_empty() {
        let has = table.done(
            "package/has",
            json!({ "language": language, "name": spoken.brought }),
        );
        assert_eq!(
            (&has["present"], &has["origin"]),
            (&json!(true), &json!("runtime")),
            "{has}"
        );
    }
    let error = table.refused(
        "package/add",
        json!({ "language": language, "package": "--evil" }),
        COULD_NOT,
    );
    assert!(!error.is_empty());

    // Configure: less at once, more only if it is meant.
    let holds = table.done("configure", json!({ "limits": { "timeLimitMs": 20_000 } }));
    assert_eq!(
        (&holds["limits"]["timeLimitMs"], &holds["raised"]),
        (&json!(20_000), &json!(false))
    );
    let error = table.refused(
        "configure",
        json!({ "policy": "permissive" }),
        INVALID_PARAMS,
    );
    assert!(
        error.contains("raise: true") && error.contains("any public host"),
        "{error}"
    );
    let holds = table.done("configure", json!({ "policy": "moderate", "raise": true }));
    assert_eq!(
        (&holds["policy"], &holds["raised"]),
        (&json!("moderate"), &json!(true))
    );

    // Reset.
    let gone = table.done("reset", json!({ "language": language }));
    assert!(
        gone["gone"].as_array().unwrap().contains(&json!("x")),
        "{gone}"
    );
    table.refused("variable/get", json!({ "name": "x" }), COULD_NOT);
    table.done("restart", json!({}));
    assert_eq!(
        table.done("variable/list", Value::Null)["variables"],
        json!([])
    );
}

#[test]
fn a_metascript_runs_with_all_its_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tars");
    std::fs::write(
        &path,
        "VARIABLE n { value: 20 }\nPYTHON {\n    m = n + 1\n}\nJAVASCRIPT {\n    m * 2\n}\n",
    )
    .unwrap();
    let mut table = Table::new();
    let ran = table.done("executeFile", json!({ "path": path }));
    assert_eq!(ran["status"], "ok");
    assert_eq!(ran["cells"][1]["result"]["text/plain"], "42", "{ran}");
}

#[test]
fn bad_requests_are_refused_and_lose_nothing() {
    let mut table = Table::new();
    table.done("execute", json!({ "language": "python", "code": "x = 1" }));
    for (method, params, reason) in [
        (
            "execute",
            json!({ "language": "cobol", "code": "" }),
            "has no runtime here",
        ),
        ("execute", json!({ "code": "" }), "missing field `language`"),
        (
            "execute",
            json!({ "language": "python", "code": "", "tyme": 1 }),
            "unknown field `tyme`",
        ),
        ("execute", json!([1]), "an object with names"),
        (
            "executeWith",
            json!({ "language": "python", "code": "" }),
            "missing field `variables`",
        ),
        (
            "executeWith",
            json!({ "language": "python", "code": "", "variables": { "x": 2, "y": { "$type": "set" } } }),
            "there is no type 'set'",
        ),
        (
            "executeWith",
            json!({ "language": "python", "code": "", "variables": { "a b": 1 } }),
            "no name for a variable",
        ),
        (
            "executeFile",
            json!({ "path": "x.unknown" }),
            "No such file",
        ),
        (
            "evaluate",
            json!({ "language": "python", "expression": " " }),
            "is empty",
        ),
        (
            "variable/set",
            json!({ "name": "x" }),
            "missing field `value`",
        ),
        (
            "module/import",
            json!({ "language": "python", "module": "os; x = 2" }),
            "no name in Python",
        ),
        (
            "module/import",
            json!({ "language": "fsharp", "module": "List", "as": "l" }),
            "does not work",
        ),
        (
            "configure",
            json!({ "limits": { "timeLimitMs": 0 } }),
            "1 or more",
        ),
        ("configure", json!({ "policy": "lax" }), "no policy"),
        ("restart", json!({ "language": "python" }), "unknown field"),
    ] {
        let fault = table.ask(method, params.clone()).unwrap_err();
        assert!(
            fault.message.contains(reason),
            "{method} {params}: {}",
            fault.message
        );
    }
    assert_eq!(
        table.done("variable/get", json!({ "name": "x" }))["value"],
        1
    );
    assert!(METHODS.len() >= 15);
}

#[test]
fn what_a_deadline_took_can_be_brought_back() {
    let mut table = Table::new();
    table.done(
        "execute",
        json!({ "language": "python", "code": "a = [1]", "file": "s.tars", "line": 4 }),
    );
    table.done("execute", json!({ "language": "python", "code": "def f(): return a + [2]", "file": "s.tars", "line": 9 }));
    table.done(
        "execute",
        json!({ "language": "python", "code": "b = f()", "file": "s.tars", "line": 14 }),
    );
    table.session.set_limits(Limits {
        wall_time: std::time::Duration::from_millis(300),
        ..patient()
    });
    let ran = table.done(
        "execute",
        json!({ "language": "python", "code": "while True: pass" }),
    );
    table.session.set_limits(patient());
    assert_eq!(ran["status"], "timedOut", "{ran}");
    assert_eq!(ran["lost"], json!(["a", "b", "f"]));
    let lines: Vec<&Value> = ran["rerun"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| &cell["line"])
        .collect();
    assert_eq!(lines, [4, 9, 14]);
    let message = ran["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("Run the cells that define them again (lines 5, 10, 15)"),
        "{message}"
    );
    table.refused("variable/get", json!({ "name": "b" }), COULD_NOT);
    let again = table.done("rerunLost", json!({}));
    assert_eq!(again["status"], "ok", "{again}");
    assert_eq!(
        table.done("variable/get", json!({ "name": "b" }))["value"],
        json!([1, 2])
    );
    assert_eq!(table.done("rerunLost", json!({}))["cells"], json!([]));
}

#[test]
fn a_snapshot_comes_back_and_a_changed_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let mut table = Table::new();
    table.done("execute", json!({ "language": "python", "code": "import datetime\nt = datetime.date(2026, 1, 31)\nf = 1.0\ndef g(): pass" }));
    table.done(
        "execute",
        json!({ "language": "javascript", "code": "const m = { z: 1, a: [2n ** 70n] }" }),
    );
    let saved = table.done("snapshot", json!({ "path": path }));
    assert_eq!(saved["saved"], json!(["f", "m", "t"]));
    let left: Vec<&str> = saved["leftOut"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(left, ["datetime", "g"]);

    let mut other = Table::new();
    let back = other.done("restore", json!({ "path": path }));
    assert_eq!(back["restored"], saved["saved"]);
    for name in ["f", "m", "t"] {
        let value = |table: &mut Table| table.done("variable/get", json!({ "name": name }));
        assert_eq!(value(&mut other), value(&mut table));
    }

    let text = std::fs::read_to_string(&path).unwrap();
    for (changed, reason) in [
        (
            text.replace("2026-01-31", "2026-01-30"),
            "changed after it was written",
        ),
        (
            text.replace("\"key\": \"", "\"key\": \"0"),
            "another user or on another machine",
        ),
        (
            text.replace("\"version\": 1", "\"version\": 2"),
            "has format 2",
        ),
        (
            text.replace("metascript-session", "something-else"),
            "no snapshot",
        ),
        (
            text.get(..text.len() / 2).unwrap().to_owned(),
            "no snapshot",
        ),
        ("[]".to_owned(), "no snapshot"),
    ] {
        std::fs::write(&path, changed).unwrap();
        let mut fresh = Table::new();
        let error = fresh.refused("restore", json!({ "path": path }), COULD_NOT);
        assert!(
            error.contains(reason) && error.contains("nothing was restored"),
            "{error}"
        );
        assert_eq!(
            fresh.done("variable/list", Value::Null)["variables"],
            json!([])
        );
    }
}
