//! `metascript session`: the real process, a line for each request and answer.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// Folders of a user who is nobody; kept between runs of the tests, because runtimes are compiled for each user once.
fn home() -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("session-home");
    std::fs::create_dir_all(&home).unwrap();
    home
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_metascript"));
    command
        .arg("session")
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", home().join("config"))
        .env("XDG_DATA_HOME", home().join("data"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct Talk {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    last: i64,
    output: Vec<Value>,
    folder: tempfile::TempDir,
}

impl Talk {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = command(folder.path()).args(arguments).spawn().unwrap();
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            stdin,
            stdout,
            last: 0,
            output: Vec::new(),
            folder,
        }
    }

    fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    fn send(&mut self, method: &str, params: Value) -> i64 {
        self.last += 1;
        let request = json!({ "jsonrpc": "2.0", "id": self.last, "method": format!("metascript/{method}"), "params": params });
        self.write(&format!("{request}\n"));
        self.last
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        assert!(
            self.stdout.read_line(&mut line).unwrap() > 0,
            "the session ended"
        );
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"))
    }

    fn answer(&mut self, id: i64) -> Value {
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
            assert_eq!(message["method"], "metascript/output", "{message}");
            self.output.push(message["params"].clone());
        }
    }

    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn end(mut self) -> i32 {
        self.stdin = None;
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
        self.child.wait().unwrap().code().unwrap()
    }
}

/// One row for each language: how a name is bound, printed and used.
const LANGUAGES: &[(&str, &str, &str, &str, &str, &str, &str)] = &[
    (
        "python", "x = 41", "print(x)", "x + 1", "code.py", "math", "sqrt",
    ),
    (
        "javascript",
        "let x = 41",
        "console.log(x)",
        "x + 1",
        "code.js",
        "tars",
        "http",
    ),
    (
        "typescript",
        "let x: number = 41",
        "console.log(x)",
        "x + 1",
        "code.ts",
        "tars",
        "http",
    ),
    (
        "fsharp",
        "let x = 41",
        "printfn \"%d\" x",
        "x + 1",
        "code.fsx",
        "System.Math",
        "Sqrt",
    ),
];

#[test]
fn the_fifteen_operations_of_every_language() {
    for (language, bind, print, expression, file, module, member) in LANGUAGES {
        let mut talk = Talk::new();
        let of = |rest: Value| {
            let mut all = json!({ "language": language });
            all.as_object_mut()
                .unwrap()
                .extend(rest.as_object().unwrap().clone());
            all
        };
        assert_eq!(talk.ask("runtime/has", of(json!({})))["available"], true);
        assert!(talk.ask("version", of(json!({})))["runtime"]["implementation"].is_string());
        assert_eq!(
            talk.ask("execute", of(json!({ "code": bind })))["defined"],
            json!(["x"])
        );
        talk.ask("execute", of(json!({ "code": print })));
        let said: String = talk
            .output
            .iter()
            .filter_map(|one| one["event"]["text"].as_str())
            .collect();
        assert_eq!(said, "41\n", "{language}");
        assert_eq!(
            talk.ask("evaluate", of(json!({ "expression": expression })))["value"],
            42
        );
        let ran = talk.ask(
            "executeWith",
            of(json!({ "code": "n", "variables": { "n": "text" } })),
        );
        assert_eq!(ran["status"], "ok", "{language} {ran}");
        std::fs::write(talk.folder.path().join(file), expression).unwrap();
        let ran = talk.ask("executeFile", json!({ "path": file }));
        assert_eq!(ran["cells"][0]["result"]["text/plain"], "42", "{ran}");
        talk.ask(
            "variable/set",
            of(json!({ "name": "y", "value": [1, { "a": null }] })),
        );
        let got = talk.ask("variable/get", of(json!({ "name": "y" })));
        assert_eq!(
            (&got["type"], &got["value"]),
            (&json!("list"), &json!([1, { "a": null }]))
        );
        let listed = talk.ask("variable/list", of(json!({})));
        assert!(
            listed["variables"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["name"] == "x"),
            "{listed}"
        );
        let imported = talk.ask("module/import", of(json!({ "module": module })));
        assert!(
            imported["members"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["name"] == *member),
            "{imported}"
        );
        assert_eq!(
            talk.ask("package/list", of(json!({})))["packages"],
            json!([])
        );
        assert_eq!(
            talk.ask("package/has", of(json!({ "name": "nowhere-at-all" })))["present"],
            false
        );
        let id = talk.send("package/add", of(json!({ "package": "-x" })));
        assert_eq!(talk.answer(id)["error"]["code"], -32000);
        assert_eq!(talk.ask("configure", json!({}))["policy"], "strict");
        talk.ask("reset", of(json!({})));
        let id = talk.send("variable/get", json!({ "name": "x" }));
        assert_eq!(talk.answer(id)["error"]["code"], -32000);
        assert_eq!(talk.end(), 0);
    }
}

#[test]
fn an_interrupt_is_heard_while_a_cell_runs() {
    let mut talk = Talk::new();
    talk.ask(
        "execute",
        json!({ "language": "python", "code": "import time\nkept = 1" }),
    );
    let running = talk.send(
        "execute",
        json!({ "language": "python", "code": "print('on', flush=True)\ntime.sleep(50)" }),
    );
    // Output arrives before the cell is over.
    loop {
        let message = talk.read();
        if message["params"]["event"]["text"] == "on\n" {
            assert_eq!(message["params"]["id"], running);
            break;
        }
    }
    let stop = talk.send("interrupt", json!({}));
    assert_eq!(talk.answer(stop)["result"]["interrupted"], true);
    assert_eq!(talk.answer(running)["result"]["status"], "interrupted");
    assert_eq!(
        talk.ask("variable/get", json!({ "name": "kept" }))["value"],
        1
    );
    assert_eq!(talk.ask("interrupt", json!({}))["interrupted"], false);
    assert_eq!(talk.end(), 0);
}

#[test]
fn bad_input_is_answered_and_loses_nothing() {
    let mut talk = Talk::new();
    talk.ask(
        "execute",
        json!({ "language": "python", "code": "kept = 1" }),
    );
    for (text, code, id) in [
        ("{\"jsonrpc\":\"2.0\",", -32700, Value::Null),
        ("[]", -32600, Value::Null),
        ("7", -32600, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":\"a\"}", -32600, json!("a")),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"none\"}",
            -32601,
            json!("a"),
        ),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"metascript/execute\"}",
            -32602,
            json!("a"),
        ),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"metascript/execute\",\"params\":[1]}",
            -32602,
            json!("a"),
        ),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"metascript/evaluate\",\"params\":{\"language\":\"cobol\",\"expression\":\"1\"}}",
            -32602,
            json!("a"),
        ),
    ] {
        talk.write(&format!("{text}\n"));
        let answer = talk.read();
        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(code), &id),
            "{text}: {answer}"
        );
    }
    // A notification has no answer, a batch has one list.
    talk.write("{\"jsonrpc\":\"2.0\",\"method\":\"metascript/variable/set\",\"params\":{\"name\":\"told\",\"value\":2}}\n");
    let get = |id: i64, name: &str| json!({ "jsonrpc": "2.0", "id": id, "method": "metascript/variable/get", "params": { "name": name } });
    talk.write(&format!(
        "{}\n",
        json!([get(100, "kept"), 1, get(101, "told")])
    ));
    let answers = talk.read();
    assert_eq!(answers[0]["result"]["value"], 1, "{answers}");
    assert_eq!(answers[1]["error"]["code"], -32600);
    assert_eq!(answers[2]["result"]["value"], 2);
    assert_eq!(talk.end(), 0);
}

#[test]
fn what_was_asked_before_the_end_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = command(folder.path()).spawn().unwrap();
    let body = |id: i64| {
        json!({ "jsonrpc": "2.0", "id": id, "method": "metascript/evaluate", "params": { "language": "javascript", "expression": "6 * 7" } }).to_string()
    };
    let mut stdin = child.stdin.take().unwrap();
    for id in [1, 2] {
        let body = body(id);
        write!(stdin, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    }
    drop(stdin);
    let mut text = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // Answers come as the requests did.
    assert!(text.starts_with("Content-Length: "), "{text}");
    assert_eq!(text.matches("\"value\":42").count(), 2, "{text}");
}

#[test]
fn a_deadline_says_what_is_gone_and_brings_it_back() {
    let mut talk = Talk::with(&["--time-limit", "2s"]);
    talk.ask(
        "execute",
        json!({ "language": "javascript", "code": "let a = () => 7", "line": 2 }),
    );
    talk.ask(
        "execute",
        json!({ "language": "javascript", "code": "let b = [a()]", "line": 5 }),
    );
    let ran = talk.ask(
        "execute",
        json!({ "language": "javascript", "code": "for (;;) {}" }),
    );
    assert_eq!(
        (&ran["status"], &ran["lost"]),
        (&json!("timedOut"), &json!(["a", "b"]))
    );
    assert_eq!(ran["rerun"][1]["line"], 5);
    assert_eq!(talk.ask("rerunLost", json!({}))["status"], "ok");
    assert_eq!(
        talk.ask(
            "evaluate",
            json!({ "language": "javascript", "expression": "b[0]" })
        )["value"],
        7
    );
    assert_eq!(talk.end(), 0);
}

#[test]
fn a_snapshot_goes_from_one_process_to_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.json");
    let mut first = Talk::new();
    first.ask("execute", json!({ "language": "python", "code": "m = {'big': 2 ** 80, 'raw': b'\\x00', 'f': 1.0}\ndef f(): pass" }));
    let value = first.ask("variable/get", json!({ "name": "m" }));
    let saved = first.ask("snapshot", json!({ "path": path }));
    assert_eq!(
        (&saved["saved"], &saved["leftOut"][0]["name"]),
        (&json!(["m"]), &json!("f"))
    );
    first.ask("restart", json!({}));
    assert_eq!(
        first.ask("variable/list", json!({}))["variables"],
        json!([])
    );
    assert_eq!(first.end(), 0);
    let mut second = Talk::new();
    second.ask("restore", json!({ "path": path }));
    assert_eq!(second.ask("variable/get", json!({ "name": "m" })), value);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\\\"f\\\"", "\\\"g\\\"")).unwrap();
    let id = second.send("restore", json!({ "path": path }));
    let error = second.answer(id)["error"]["message"].to_string();
    assert!(error.contains("changed after it was written"), "{error}");
    assert_eq!(second.end(), 0);
}

#[test]
fn a_wheel_added_on_the_command_line_is_there_in_every_session() {
    let mut talk = Talk::new();
    let folder = talk.folder.path().to_owned();
    std::fs::write(folder.join(".metascript.toml"), "").unwrap();
    let wheel = folder.join("tiny-1-py3-none-any.whl");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&wheel).unwrap());
    for (name, text) in [
        ("tiny.py", "answer = 42\n"),
        ("tiny-1.dist-info/METADATA", "Name: tiny\nVersion: 1\n"),
        ("tiny-1.dist-info/WHEEL", "Tag: py3-none-any\n"),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let metascript = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_metascript"));
        command
            .args(arguments)
            .current_dir(&folder)
            .env("XDG_CONFIG_HOME", home().join("config"))
            .env("XDG_DATA_HOME", home().join("data"));
        crate::outcome(&mut command)
    };
    let added = metascript(&[
        "runtimes",
        "add",
        "python",
        "tiny-1-py3-none-any.whl",
        "--no-deps",
    ]);
    assert_eq!(added.code, Some(0), "{}", added.stderr);
    assert!(added.stdout.contains("tiny 1  sha256 "), "{}", added.stdout);
    assert!(folder.join(".metascript/packages.lock.json").is_file());
    let listed = metascript(&["runtimes", "packages"]);
    assert!(
        listed.stdout.contains("python      tiny 1"),
        "{}",
        listed.stdout
    );
    std::fs::write(
        folder.join("a.tars"),
        "PYTHON {\n    import tiny\n    tiny.answer\n}\n",
    )
    .unwrap();
    let ran = metascript(&["run", "a.tars"]);
    assert!(ran.stdout.contains("42"), "{}{}", ran.stdout, ran.stderr);

    talk.ask("configure", json!({ "packages": true }));
    assert_eq!(
        talk.ask(
            "package/has",
            json!({ "language": "python", "name": "tiny" })
        )["version"],
        "1"
    );
    let module = talk.ask(
        "module/import",
        json!({ "language": "python", "module": "tiny" }),
    );
    assert_eq!(module["members"][0]["name"], "answer", "{module}");
    talk.ask("configure", json!({ "packages": false }));
    talk.ask("reset", json!({ "language": "python" }));
    let ran = talk.ask(
        "execute",
        json!({ "language": "python", "code": "import tiny" }),
    );
    assert_eq!(ran["error"]["name"], "ModuleNotFoundError", "{ran}");
    let refused = metascript(&["runtimes", "add", "fsharp", "FSharp.Data"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("Fable"), "{}", refused.stderr);
    assert_eq!(talk.end(), 0);
}
