//! The operations of a session as LSP requests.

use serde_json::{Value, json};

use crate::{modern, start, start_with};
use metascript_tests::lsp::Client;

const URI: &str = "file:///scripts/operations.tars";
const SCRIPT: &str =
    "VARIABLE n { value: 20 }\nPYTHON {\n    a = [n]\n}\nPYTHON {\n    b = a + [1]\n}\n";

fn of(params: Value) -> Value {
    let mut all = json!({ "textDocument": { "uri": URI } });
    all.as_object_mut()
        .unwrap()
        .extend(params.as_object().unwrap().clone());
    all
}

fn ask(client: &mut Client, method: &str, params: Value) -> Value {
    client.request(&format!("metascript/{method}"), of(params))
}

#[test]
fn the_fifteen_operations_in_the_session_of_a_script() {
    let mut client = start();
    client.open(URI, SCRIPT);
    for (language, bind, expression, module, member) in [
        ("python", "x = n + 21", "x + 1", "math", "sqrt"),
        ("javascript", "let y = n + 21", "y + 1", "tars", "fs"),
        (
            "typescript",
            "let z: number = n + 21",
            "z + 1",
            "tars",
            "fs",
        ),
        ("fsharp", "let w = n + 21", "w + 1", "System.Math", "Sqrt"),
    ] {
        let spoken = |rest: Value| {
            let mut all = json!({ "language": language });
            all.as_object_mut()
                .unwrap()
                .extend(rest.as_object().unwrap().clone());
            all
        };
        assert_eq!(
            ask(&mut client, "runtime/has", spoken(json!({})))["available"],
            true
        );
        assert!(ask(&mut client, "version", spoken(json!({})))["runtime"]["version"].is_string());
        let ran = ask(&mut client, "execute", spoken(json!({ "code": bind })));
        assert_eq!(ran["status"], "ok", "{language} {ran}");
        assert_eq!(
            ask(
                &mut client,
                "evaluate",
                spoken(json!({ "expression": expression }))
            )["value"],
            42,
            "{language}"
        );
        let ran = ask(
            &mut client,
            "executeWith",
            spoken(json!({ "code": "v", "variables": { "v": 1.5 } })),
        );
        assert_eq!(ran["status"], "ok", "{language} {ran}");
        ask(
            &mut client,
            "variable/set",
            spoken(json!({ "name": "v", "value": "text" })),
        );
        assert_eq!(
            ask(&mut client, "variable/get", spoken(json!({ "name": "v" })))["value"],
            "text"
        );
        assert!(
            !ask(&mut client, "variable/list", spoken(json!({})))["variables"]
                .as_array()
                .unwrap()
                .is_empty()
        );
        let imported = ask(
            &mut client,
            "module/import",
            spoken(json!({ "module": module })),
        );
        assert!(
            imported["members"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["name"] == member),
            "{imported}"
        );
        assert_eq!(
            ask(&mut client, "package/list", spoken(json!({})))["packages"],
            json!([])
        );
        assert_eq!(
            ask(
                &mut client,
                "package/has",
                spoken(json!({ "name": "nowhere-at-all" }))
            )["present"],
            false
        );
        let error = client.request_error(
            "metascript/package/add",
            of(spoken(json!({ "package": "-x" }))),
        );
        assert_eq!(error["code"], -32000, "{error}");
        ask(&mut client, "reset", spoken(json!({})));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("code.py");
    std::fs::write(&file, "print('from a file')\nq = 7").unwrap();
    let ran = ask(
        &mut client,
        "executeFile",
        json!({ "path": file, "outputToken": "mine" }),
    );
    assert_eq!(ran["cells"][0]["defined"], json!(["q"]));
    let said = client.notification("metascript/output", |params| {
        params["event"]["kind"] == "stream"
    });
    assert_eq!(
        (&said["token"], &said["event"]["text"]),
        (&json!("mine"), &json!("from a file\n"))
    );

    let snapshot = folder.path().join("state.json");
    ask(&mut client, "snapshot", json!({ "path": snapshot }));
    ask(&mut client, "restart", json!({}));
    let error = client.request_error("metascript/variable/get", of(json!({ "name": "q" })));
    assert_eq!(error["code"], -32000);
    ask(&mut client, "restore", json!({ "path": snapshot }));
    assert_eq!(
        ask(&mut client, "variable/get", json!({ "name": "q" }))["value"],
        7
    );

    let error = client.request_error(
        "metascript/configure",
        of(json!({ "limits": { "timeLimitMs": 9_000_000 } })),
    );
    assert_eq!(error["code"], -32602, "{error}");
    let holds = ask(
        &mut client,
        "configure",
        json!({ "limits": { "timeLimitMs": 9_000_000 }, "raise": true }),
    );
    assert_eq!(holds["raised"], true);
    let told = client.notification("window/showMessage", |params| {
        params["message"]
            .as_str()
            .unwrap()
            .contains("may do more now")
    });
    assert!(
        told["message"].as_str().unwrap().contains("9000 s"),
        "{told}"
    );
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn an_untrusted_workspace_runs_nothing() {
    let mut client = start_with(modern(), json!({ "run": { "enabled": false } }));
    client.open(URI, SCRIPT);
    for (method, params) in [
        ("execute", json!({ "language": "python", "code": "1" })),
        (
            "evaluate",
            json!({ "language": "python", "expression": "1" }),
        ),
        ("executeFile", json!({ "path": "x.py" })),
        (
            "module/import",
            json!({ "language": "python", "module": "json" }),
        ),
        (
            "package/add",
            json!({ "language": "python", "package": "rich" }),
        ),
        (
            "configure",
            json!({ "policy": "permissive", "raise": true }),
        ),
        ("version", json!({ "language": "python" })),
        ("restore", json!({ "path": "x" })),
    ] {
        let error = client.request_error(&format!("metascript/{method}"), of(params));
        assert!(
            error["message"].as_str().unwrap().contains("not trusted"),
            "{method}: {error}"
        );
    }
    assert_eq!(
        ask(&mut client, "runtime/has", json!({ "language": "python" }))["available"],
        true
    );
    assert!(ask(&mut client, "version", json!({}))["languages"].is_array());
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn what_makes_no_sense_is_an_error_of_the_request() {
    let mut client = start();
    client.open(URI, SCRIPT);
    for (method, params, reason) in [
        (
            "metascript/execute",
            json!({ "language": "python", "code": "1" }),
            "missing field `textDocument`",
        ),
        (
            "metascript/execute",
            json!({ "textDocument": { "uri": "file:///not-open.tars" }, "language": "python", "code": "1" }),
            "is not open",
        ),
        (
            "metascript/execute",
            of(json!({ "language": "python" })),
            "missing field `code`",
        ),
        (
            "metascript/execute",
            of(json!({ "language": "python", "code": "1", "extra": 1 })),
            "unknown field",
        ),
    ] {
        let error = client.request_error(method, params);
        assert_eq!(error["code"], -32602, "{error}");
        assert!(
            error["message"].as_str().unwrap().contains(reason),
            "{error}"
        );
    }
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn an_interrupt_stops_code_of_a_request_and_lost_cells_run_again() {
    let mut client = start();
    client.open(URI, SCRIPT);
    let summary = client.request(
        "workspace/executeCommand",
        json!({ "command": "metascript.runAll", "arguments": [{ "uri": URI }] }),
    );
    assert_eq!(summary["status"], "ok", "{summary}");
    let id = client.send_request(
        "metascript/execute",
        of(json!({ "language": "python", "code": "while True: pass" })),
    );
    client.notification("metascript/output", |params| {
        params["event"]["kind"] == "started"
    });
    assert_eq!(
        ask(&mut client, "interrupt", json!({}))["interrupted"],
        true
    );
    let ran = client.answer(id);
    assert_eq!(ran["result"]["status"], "interrupted", "{ran}");
    assert_eq!(ran["result"]["lost"], json!(["a", "b"]));
    let summary = client.request(
        "workspace/executeCommand",
        json!({ "command": "metascript.rerunLost", "arguments": [{ "uri": URI }] }),
    );
    assert_eq!(summary["cells"].as_array().unwrap().len(), 2, "{summary}");
    assert_eq!(
        ask(&mut client, "variable/get", json!({ "name": "b" }))["value"],
        json!([20, 1])
    );
    let summary = client.request(
        "workspace/executeCommand",
        json!({ "command": "metascript.rerunLost", "arguments": [{ "uri": URI }] }),
    );
    assert_eq!(summary["cells"], json!([]));
    assert_eq!(client.shut_down(), Some(0));
}
