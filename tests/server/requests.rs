//! Each request once, over the wire.

use serde_json::{Value, json};

use crate::{start, start_with};

const URI: &str = "file:///requests.tars";

const SCRIPT: &str = r#"DESCRIBE {
    name: "requests"
}

VARIABLE city {
    value: "Lyon 🔄"
}

ACTION {
    type: "log"
    message: "${town}"
}

PYTHON {
    x = 1
    x + 1
}

JAVASCRIPT {
    1 + 1
}

COBOL_CODE {
    display: "no"
}
"#;

fn document() -> Value {
    json!({ "textDocument": { "uri": URI } })
}

fn at(line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } })
}

fn codes(items: &Value) -> Vec<&str> {
    items
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["code"].as_str().unwrap())
        .collect()
}

#[test]
fn diagnostics_are_pulled_and_not_sent_twice() {
    let mut client = start();
    client.open(URI, SCRIPT);
    let first = client.request("textDocument/diagnostic", document());
    assert_eq!(first["kind"], "full");
    let unresolved = first["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["message"].as_str().unwrap().contains("town"))
        .expect("the unresolved variable is reported");
    assert_eq!(unresolved["range"]["start"]["line"], 10);
    assert!(unresolved["codeDescription"]["href"].is_string());
    let mut again = document();
    again["previousResultId"] = first["resultId"].clone();
    let second = client.request("textDocument/diagnostic", again);
    assert_eq!(second["kind"], "unchanged");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn diagnostics_are_pushed_to_a_client_that_cannot_pull() {
    let mut client = start_with(json!({}), Value::Null);
    client.open(URI, SCRIPT);
    let pushed = client.notification("textDocument/publishDiagnostics", |_| true);
    assert_eq!(pushed["version"], 1);
    assert!(!codes(&pushed["diagnostics"]).is_empty());
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": "DESCRIBE {\n    name: \"x\"\n}\n" }] }),
    );
    let pushed = client.notification("textDocument/publishDiagnostics", |params| {
        params["version"] == 2
    });
    assert_eq!(pushed["diagnostics"], json!([]));
    client.notify("textDocument/didClose", document());
    let pushed = client.notification("textDocument/publishDiagnostics", |params| {
        params["version"].is_null()
    });
    assert_eq!(pushed["diagnostics"], json!([]));
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn symbols_folds_hover_and_completion_answer() {
    let mut client = start();
    client.open(URI, SCRIPT);
    let symbols = client.request("textDocument/documentSymbol", document());
    let names: Vec<_> = symbols
        .as_array()
        .unwrap()
        .iter()
        .map(|symbol| symbol["name"].as_str().unwrap())
        .collect();
    assert!(names.iter().any(|name| name.contains("city")), "{names:?}");
    let folds = client.request("textDocument/foldingRange", document());
    assert!(
        folds
            .as_array()
            .unwrap()
            .iter()
            .any(|fold| fold["startLine"] == 13)
    );
    let hover = client.request("textDocument/hover", at(4, 3));
    assert!(
        hover["contents"]["value"]
            .as_str()
            .unwrap()
            .contains("VARIABLE"),
        "{hover}"
    );
    let list = client.request("textDocument/completion", at(3, 0));
    let labels: Vec<_> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["label"].as_str().unwrap())
        .collect();
    assert!(labels.contains(&"ACTION"), "{labels:?}");
    assert!(labels.len() <= 100);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn lenses_offer_what_can_run() {
    let mut client = start();
    client.open(URI, SCRIPT);
    let lenses = client.request("textDocument/codeLens", document());
    let shown: Vec<_> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|lens| {
            (
                lens["range"]["start"]["line"].as_u64().unwrap(),
                lens["command"]["title"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (13, "▶ Run cell"),
            (13, "Run all"),
            (18, "▶ Run cell"),
            (18, "Run all above")
        ]
    );
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn lenses_say_what_a_cell_needs_and_the_policy_does_not_grant() {
    let mut client = start();
    client.open(
        URI,
        "PYTHON {\n    1 + 1\n}\nPYTHON {\n    import urllib.request\n    urllib.request.urlopen('https://example.com')\n    open('a.txt').read()\n}\n",
    );
    let lenses = client.request("textDocument/codeLens", document());
    let last = lenses.as_array().unwrap().last().unwrap();
    assert_eq!(last["range"]["start"]["line"], 3);
    assert_eq!(
        last["command"]["title"],
        "needs network, files: not granted by strict"
    );
    client.request(
        "workspace/executeCommand",
        json!({ "command": last["command"]["command"], "arguments": last["command"]["arguments"] }),
    );
    let shown = client.notification("window/showMessage", |params| {
        params["message"]
            .as_str()
            .unwrap()
            .contains("under the policy")
    });
    assert!(shown["message"].as_str().unwrap().contains("network: none"));
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn positions_follow_the_negotiated_encoding() {
    for (encoding, character) in [("utf-8", 17), ("utf-16", 15), ("utf-32", 14)] {
        let mut client = start_with(
            json!({
                "general": { "positionEncodings": [encoding] },
                "textDocument": { "diagnostic": {} }
            }),
            Value::Null,
        );
        client.open(URI, "PYTHON { '🔄'; a }");
        let cells = client.request("metascript/cells", document());
        assert_eq!(
            cells[0]["range"]["end"]["character"],
            character + 3,
            "{encoding}: {cells}"
        );
        assert_eq!(client.shut_down(), Some(0));
    }
}
