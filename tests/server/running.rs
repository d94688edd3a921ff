//! Running cells through the server.

use serde_json::{Value, json};

use crate::start;
use metascript_tests::lsp::Client;

const URI: &str = "file:///scripts/running.tars";

fn command(name: &str, argument: Value) -> Value {
    json!({ "command": name, "arguments": [argument] })
}

fn run(client: &mut Client, cell: usize) -> Value {
    client.request(
        "workspace/executeCommand",
        command("metascript.runCell", json!({ "uri": URI, "cell": cell })),
    )
}

/// Everything that one run sent, in order.
fn events(client: &mut Client, run: &Value) -> Vec<Value> {
    let mut out = Vec::new();
    loop {
        let params = client.notification("metascript/cellOutput", |params| params["run"] == *run);
        let event = params["event"].clone();
        let done = event["kind"] == "finished";
        out.push(event);
        if done {
            return out;
        }
    }
}

fn event<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    events
        .iter()
        .find(|event| event["kind"] == kind)
        .unwrap_or_else(|| panic!("no {kind} in {events:#?}"))
}

fn text_of(events: &[Value], stream: &str) -> String {
    events
        .iter()
        .filter(|event| event["kind"] == "stream" && event["name"] == stream)
        .map(|event| event["text"].as_str().unwrap())
        .collect()
}

#[test]
fn state_lives_from_cell_to_cell_in_both_languages() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    x = 20\n    print('hello')\n}\nPYTHON {\n    x * 2 + 2\n}\nJAVASCRIPT {\n    const y = 1;\n    console.log('hi');\n}\nJAVASCRIPT {\n    y + 1\n}\n",
    );
    let summary = client.request(
        "workspace/executeCommand",
        command("metascript.runAll", json!({ "uri": URI })),
    );
    assert_eq!(summary["status"], "ok", "{summary}");
    let runs: Vec<Value> = summary["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["run"].clone())
        .collect();
    assert_eq!(text_of(&events(&mut client, &runs[0]), "stdout"), "hello\n");
    let second = events(&mut client, &runs[1]);
    assert_eq!(event(&second, "result")["data"]["text/plain"], "42");
    assert_eq!(text_of(&events(&mut client, &runs[2]), "stdout"), "hi\n");
    let fourth = events(&mut client, &runs[3]);
    assert_eq!(event(&fourth, "result")["data"]["text/plain"], "2");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn what_is_asked_for_first_runs_first() {
    let mut client = start();
    client.open(
        URI,
        "JAVASCRIPT {\n    let first = 1;\n}\nJAVASCRIPT {\n    2\n}\n",
    );
    let asked: Vec<i64> = (0..40)
        .map(|turn| {
            let argument = json!({ "uri": URI, "cell": turn % 2 });
            client.send_request(
                "workspace/executeCommand",
                command("metascript.runCell", argument),
            )
        })
        .collect();
    let runs: Vec<u64> = asked
        .into_iter()
        .map(|id| {
            let summary = client.answer(id)["result"].take();
            assert_eq!(summary["status"], "ok", "{summary}");
            summary["cells"][0]["run"].as_u64().unwrap()
        })
        .collect();
    assert!(runs.is_sorted(), "{runs:?}");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn an_error_names_the_line_of_the_script() {
    let mut client = start();
    client.open(URI, "DESCRIBE {\n    name: \"x\"\n}\n\nPYTHON {\n    a = 1\n    1 / 0\n}\nJAVASCRIPT {\n    const ok = 1;\n    nope();\n}\n");
    let summary = run(&mut client, 0);
    assert_eq!(summary["status"], "failed");
    let shown = events(&mut client, &summary["cells"][0]["run"]);
    let error = event(&shown, "error");
    assert_eq!(error["name"], "ZeroDivisionError");
    assert_eq!(error["line"], 6);
    let traceback = error["traceback"].as_str().unwrap();
    assert!(
        traceback.contains("running.tars") && traceback.contains("line 7"),
        "{traceback}"
    );

    let summary = run(&mut client, 1);
    let shown = events(&mut client, &summary["cells"][0]["run"]);
    let error = event(&shown, "error");
    assert_eq!(error["name"], "ReferenceError");
    assert_eq!(error["line"], 10);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn an_endless_loop_can_be_interrupted_and_the_session_goes_on() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    while True: pass\n}\nPYTHON {\n    'alive'\n}\n",
    );
    let id = client.send_request(
        "workspace/executeCommand",
        command("metascript.runCell", json!({ "uri": URI, "cell": 0 })),
    );
    client.notification("metascript/cellOutput", |params| {
        params["event"]["kind"] == "started"
    });
    let answer = client.request(
        "workspace/executeCommand",
        command("metascript.interrupt", json!({ "uri": URI })),
    );
    assert_eq!(answer["interrupted"], true);
    assert_eq!(client.answer(id)["result"]["status"], "interrupted");
    let summary = run(&mut client, 1);
    assert_eq!(summary["status"], "ok");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn cancelling_the_request_interrupts_the_run() {
    let mut client = start();
    client.open(
        URI,
        "JAVASCRIPT {\n    for (;;) {}\n}\nJAVASCRIPT {\n    'alive'\n}\n",
    );
    let id = client.send_request(
        "workspace/executeCommand",
        command("metascript.runCell", json!({ "uri": URI, "cell": 0 })),
    );
    client.notification("metascript/cellOutput", |params| {
        params["event"]["kind"] == "started"
    });
    client.notify("$/cancelRequest", json!({ "id": id }));
    assert_eq!(client.answer(id)["error"]["code"], -32800);
    client.notification("metascript/cellOutput", |params| {
        params["event"]["kind"] == "finished" && params["event"]["status"] == "interrupted"
    });
    assert_eq!(run(&mut client, 1)["status"], "ok");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_deadline_ends_the_cell_not_the_session() {
    let mut client = crate::start_with(crate::modern(), json!({ "run": { "timeLimitMs": 300 } }));
    client.open(
        URI,
        "JAVASCRIPT {\n    for (;;) {}\n}\nJAVASCRIPT {\n    40 + 2\n}\n",
    );
    let summary = run(&mut client, 0);
    assert_eq!(summary["cells"][0]["status"], "timedOut");
    assert_eq!(run(&mut client, 1)["status"], "ok");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn restart_forgets() {
    let mut client = start();
    client.open(URI, "PYTHON {\n    x = 1\n}\nPYTHON {\n    x\n}\n");
    assert_eq!(run(&mut client, 0)["status"], "ok");
    assert_eq!(run(&mut client, 1)["status"], "ok");
    client.request(
        "workspace/executeCommand",
        command("metascript.restart", json!({ "uri": URI })),
    );
    assert_eq!(run(&mut client, 1)["status"], "failed");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn output_streams_while_the_cell_runs() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    print('first')\n    while True: pass\n}\n",
    );
    let id = client.send_request(
        "workspace/executeCommand",
        command("metascript.runCell", json!({ "uri": URI, "cell": 0 })),
    );
    let piece = client.notification("metascript/cellOutput", |params| {
        params["event"]["kind"] == "stream"
    });
    assert_eq!(piece["event"]["text"], "first\n");
    assert_eq!(
        piece["range"]["start"],
        json!({ "line": 0, "character": 0 })
    );
    client.request(
        "workspace/executeCommand",
        command("metascript.interrupt", json!({ "uri": URI })),
    );
    client.answer(id);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn what_cannot_run_is_refused_with_the_reason() {
    let mut client = start();
    client.open(URI, "BASH {\n    ls\n}\n");
    let refused = |client: &mut Client, argument: Value| {
        client.request_error(
            "workspace/executeCommand",
            command("metascript.runCell", argument),
        )["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(refused(&mut client, json!({ "uri": URI, "cell": 0 })).contains("no runtime"));
    assert!(refused(&mut client, json!({ "uri": URI, "cell": 9 })).contains("no cell 9"));
    assert!(refused(&mut client, json!({ "uri": URI })).contains("`cell` or `position`"));
    assert!(
        refused(&mut client, json!({ "uri": "file:///x.tars", "cell": 0 })).contains("not open")
    );
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_missing_runtime_says_how_to_get_it() {
    let empty = tempfile::tempdir().unwrap();
    let mut client = crate::start_with(crate::modern(), json!({ "runtimesPath": empty.path() }));
    client.open(URI, "PYTHON {\n    1\n}\n");
    let summary = run(&mut client, 0);
    assert_eq!(summary["status"], "failed");
    let shown = events(&mut client, &summary["cells"][0]["run"]);
    let message = event(&shown, "error")["message"].as_str().unwrap();
    assert!(message.contains("cargo xtask runtimes"), "{message}");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn members_of_live_objects_are_completed() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    class Order:\n        def __init__(self):\n            self.amount = 3\n        def total(self):\n            return 1\n    order = Order()\n}\nPYTHON {\n    print(order.to)\n}\nJAVASCRIPT {\n    const point = { alpha: 1, beta: 2 };\n}\nJAVASCRIPT {\n    point.al\n}\n",
    );
    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
    let labels = |list: &Value| -> Vec<String> {
        let items = list["items"].as_array().unwrap().iter();
        items
            .map(|item| item["label"].as_str().unwrap().to_owned())
            .collect()
    };
    let cold = client.request("textDocument/completion", at(9, 18));
    assert_eq!(labels(&cold), Vec::<String>::new(), "nothing has run yet");
    run(&mut client, 0);
    run(&mut client, 2);
    let python = client.request("textDocument/completion", at(9, 18));
    metascript_tests::protocol::check("textDocument/completion", &python);
    assert!(labels(&python).contains(&"total".to_owned()), "{python}");
    let total = &python["items"][0];
    assert_eq!(total["textEdit"]["range"]["start"]["character"], 16);
    let javascript = client.request("textDocument/completion", at(15, 12));
    assert!(
        labels(&javascript).contains(&"alpha".to_owned()),
        "{javascript}"
    );
}

#[test]
fn the_variables_of_a_session_are_told_with_type_size_and_origin() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    names = ['a', 'b', 'c']\n}\nJAVASCRIPT {\n    const count = names.length;\n}\n",
    );
    let ask = json!({ "textDocument": { "uri": URI } });
    let none = client.request("metascript/variables", ask.clone());
    assert_eq!(none["live"], false);
    client.request(
        "workspace/executeCommand",
        command("metascript.runAll", json!({ "uri": URI })),
    );
    let told = client.request("metascript/variables", ask);
    assert_eq!(told["busy"], false, "{told:#}");
    let variable = |name: &str| {
        let all = told["variables"].as_array().unwrap();
        let found = all.iter().find(|one| one["name"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {told:#}"))
    };
    let names = variable("names");
    assert_eq!(names["type"], "list");
    assert_eq!(names["size"], 3);
    assert_eq!(names["cell"], 0);
    assert_eq!(names["range"]["start"]["line"], 0);
    assert!(
        names["preview"].as_str().unwrap().contains("'b'"),
        "{names}"
    );
    let count = variable("count");
    assert_eq!(count["language"], "javascript");
    assert_eq!(count["cell"], 1);
    assert_eq!(count["preview"], "3");
}

#[test]
fn a_cell_that_the_security_policy_blocks_says_so_under_it() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    import base64\n    exec(base64.b64decode('cHJpbnQoImhpZGRlbiIp'))\n}\n",
    );
    let summary = run(&mut client, 0);
    assert_eq!(summary["status"], "failed", "{summary}");
    let events = events(&mut client, &summary["cells"][0]["run"]);
    let error = event(&events, "error");
    assert_eq!(error["name"], "Blocked");
    assert_eq!(error["line"], 2);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("PY-DECODE-EXEC")
    );
    assert_eq!(text_of(&events, "stdout"), "");
    assert_eq!(client.shut_down(), Some(0));
}
