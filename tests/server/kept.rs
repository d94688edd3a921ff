//! Results that outlive the server (`run.keepOutputs`), and cells that run when a script is saved (`run.onSave`).

use std::path::Path;

use metascript_tests::lsp::Client;
use serde_json::{Value, json};

use crate::{modern, start_with};

const SCRIPT: &str =
    "PYTHON {\n    print('one')\n    20 + 1\n}\n\nPYTHON {\n    x = 1\n    x / 0\n}\n";

fn uri(folder: &Path) -> String {
    format!("file://{}", folder.join("kept.tars").display())
}

fn keeping() -> Client {
    start_with(modern(), json!({ "run": { "keepOutputs": true } }))
}

fn run_all(client: &mut Client, uri: &str) {
    client.request(
        "workspace/executeCommand",
        json!({ "command": "metascript.runAll", "arguments": [{ "uri": uri }] }),
    );
}

/// What comes back of a script, a line for each cell: its place, how it ended, what it says, and why it does not match.
fn shown(client: &mut Client, uri: &str) -> String {
    let params = client.notification("metascript/keptOutputs", |params| {
        params["textDocument"]["uri"] == uri
    });
    let outputs = params["outputs"].as_array().unwrap();
    outputs
        .iter()
        .map(|output| {
            let events = output["events"].as_array().unwrap();
            let words: Vec<&str> = events
                .iter()
                .filter_map(|event| match event["kind"].as_str().unwrap() {
                    "stream" => event["text"].as_str(),
                    "result" => event["data"]["text/plain"].as_str(),
                    "error" => event["name"].as_str(),
                    "finished" => event["status"].as_str(),
                    _ => None,
                })
                .map(str::trim)
                .collect();
            format!(
                "{}:{} {} {}\n",
                output["cell"],
                output["range"]["start"]["line"],
                words.join(" "),
                output["because"]
            )
        })
        .collect()
}

#[test]
fn results_come_back_where_their_code_stands_now() {
    let folder = tempfile::tempdir().unwrap();
    let uri = uri(folder.path());
    let mut client = keeping();
    client.open(&uri, SCRIPT);
    run_all(&mut client, &uri);
    assert_eq!(client.shut_down(), Some(0));

    let mut client = keeping();
    client.open(&uri, SCRIPT);
    insta::assert_snapshot!(shown(&mut client, &uri), @r"
    0:0 one 21 ok null
    1:5 ZeroDivisionError failed null
    ");
    assert_eq!(client.shut_down(), Some(0));

    // A cell above moves them; an edit inside says so; nothing is known of the new cell.
    let edited = format!("PYTHON {{\n    0\n}}\n{SCRIPT}").replace("print('one')", "print('two')");
    let mut client = keeping();
    client.open(&uri, &edited);
    insta::assert_snapshot!(shown(&mut client, &uri), @r#"
    1:3 one 21 ok "the cell was edited after this run"
    2:8 ZeroDivisionError failed null
    "#);
    client.notify(
        "metascript/forgetOutputs",
        json!({ "textDocument": { "uri": uri } }),
    );
    assert_eq!(client.shut_down(), Some(0));
    let kept = folder.path().join(".metascript/outputs/kept.tars.json");
    assert!(!kept.exists());
}

#[test]
fn nothing_is_kept_unless_somebody_asks() {
    let folder = tempfile::tempdir().unwrap();
    let uri = uri(folder.path());
    let mut client = crate::start();
    client.open(&uri, SCRIPT);
    run_all(&mut client, &uri);
    assert_eq!(client.shut_down(), Some(0));
    assert!(!folder.path().join(".metascript").exists());
}

#[test]
fn a_broken_file_costs_its_results_alone() {
    let folder = tempfile::tempdir().unwrap();
    let uri = uri(folder.path());
    let outputs = folder.path().join(".metascript/outputs");
    std::fs::create_dir_all(&outputs).unwrap();
    std::fs::write(outputs.join("kept.tars.json"), "no JSON").unwrap();
    let mut client = keeping();
    client.open(&uri, SCRIPT);
    run_all(&mut client, &uri);
    assert_eq!(client.shut_down(), Some(0));
    let mut client = keeping();
    client.open(&uri, SCRIPT);
    assert!(shown(&mut client, &uri).starts_with("0:0 one 21 ok"));
    assert_eq!(client.shut_down(), Some(0));
}

fn saved(client: &mut Client, uri: &str) {
    client.notify(
        "textDocument/didSave",
        json!({ "textDocument": { "uri": uri } }),
    );
}

fn finished(client: &mut Client) -> Value {
    let params = client.notification("metascript/cellOutput", |params| {
        params["event"]["kind"] == "finished"
    });
    params["cell"].clone()
}

#[test]
fn saving_runs_what_is_stale() {
    let uri = "file:///scripts/saved.tars";
    let mut client = start_with(modern(), json!({ "run": { "onSave": true } }));
    client.open(uri, "PYTHON {\n    a = 1\n}\nPYTHON {\n    b = 2\n}\n");
    saved(&mut client, uri);
    assert_eq!(finished(&mut client), 0);
    assert_eq!(finished(&mut client), 1);
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri, "version": 9 }, "contentChanges": [{ "text": "PYTHON {\n    a = 1\n}\nPYTHON {\n    b = 3\n}\n" }] }),
    );
    saved(&mut client, uri);
    assert_eq!(
        finished(&mut client),
        1,
        "the cell that was edited, and no other"
    );
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn saving_runs_nothing_in_an_untrusted_workspace_or_unasked() {
    let uri = "file:///scripts/saved.tars";
    let untrusted = json!({ "run": { "onSave": true, "enabled": false } });
    for options in [Value::Null, untrusted] {
        let mut client = start_with(modern(), options);
        client.open(uri, "PYTHON {\n    a = 1\n}\n");
        saved(&mut client, uri);
        let states = client.request(
            "metascript/cells",
            json!({ "textDocument": { "uri": uri } }),
        );
        assert_eq!(states[0]["state"], "never");
        assert!(!client.try_notification("metascript/cellOutput", |_| true));
        assert_eq!(client.shut_down(), Some(0));
    }
}
