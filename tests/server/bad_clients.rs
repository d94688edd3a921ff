//! Clients that lie, and documents that are no metascripts. The server says so and lives on.

use serde_json::{Value, json};

use crate::{start, start_with};

const URI: &str = "file:///bad.tars";

fn change(version: i32, range: Value, text: &str) -> Value {
    json!({
        "textDocument": { "uri": URI, "version": version },
        "contentChanges": [{ "range": range, "text": text }]
    })
}

fn range(a: (u32, u32), b: (u32, u32)) -> Value {
    json!({ "start": { "line": a.0, "character": a.1 }, "end": { "line": b.0, "character": b.1 } })
}

#[test]
fn a_range_outside_the_text_is_cut_and_told_once() {
    let mut client = start();
    client.open(URI, "A {\n}\n");
    for version in 2..5 {
        client.notify(
            "textDocument/didChange",
            change(version, range((90, 0), (99, 7)), "x"),
        );
    }
    let told = client.notification("window/logMessage", |params| {
        params["message"]
            .as_str()
            .unwrap()
            .contains("outside the text")
    });
    assert_eq!(told["type"], 2);
    assert_eq!(client.server_text(URI), "A {\n}\nxxx");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_version_that_goes_backwards_still_applies() {
    let mut client = start();
    client.open(URI, "A {\n}\n");
    client.notify(
        "textDocument/didChange",
        change(7, range((0, 0), (0, 1)), "B"),
    );
    client.notify(
        "textDocument/didChange",
        change(3, range((0, 0), (0, 1)), "C"),
    );
    client.notification("window/logMessage", |params| {
        params["message"].as_str().unwrap().contains("not newer")
    });
    assert_eq!(client.server_text(URI), "C {\n}\n");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_change_of_a_document_that_is_not_open_is_ignored_and_told() {
    let mut client = start();
    client.notify(
        "textDocument/didChange",
        change(2, range((0, 0), (0, 0)), "x"),
    );
    client.notification("window/logMessage", |params| {
        params["message"].as_str().unwrap().contains("not open")
    });
    let text = client.request(
        "metascript/documentText",
        json!({ "textDocument": { "uri": URI } }),
    );
    assert_eq!(text, Value::Null);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn garbage_on_the_wire_is_answered_and_survived() {
    let mut client = start();
    client.send_raw(b"Content-Length: 9\r\n\r\n{\"oops\": ");
    client.notify("textDocument/didChange", json!({ "nonsense": true }));
    client.notification("window/logMessage", |params| {
        params["message"]
            .as_str()
            .unwrap()
            .contains("textDocument/didChange")
    });
    client.open(URI, "A {\n}\n");
    assert_eq!(client.server_text(URI), "A {\n}\n");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_reversed_range_is_put_right() {
    let mut client = start();
    client.open(URI, "ABCDEF");
    client.notify(
        "textDocument/didChange",
        change(2, range((0, 4), (0, 2)), "-"),
    );
    assert_eq!(client.server_text(URI), "AB-EF");
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_document_of_50_mib_stays_in_sync_and_says_why_it_is_not_analysed() {
    let mut client = start();
    let line = "# padding padding padding padding padding padding padding padding\n";
    let mut text = line.repeat(50 * 1024 * 1024 / line.len());
    client.open(URI, &text);
    client.notify(
        "textDocument/didChange",
        change(2, range((0, 0), (0, 1)), "//"),
    );
    text.replace_range(0..1, "//");
    let report = client.request(
        "textDocument/diagnostic",
        json!({ "textDocument": { "uri": URI } }),
    );
    let message = report["items"][0]["message"].as_str().unwrap();
    assert!(message.contains("not analysed"), "{message}");
    assert_eq!(client.server_text(URI).len(), text.len());
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn requests_for_unknown_documents_answer_empty() {
    let mut client = start();
    let document = json!({ "textDocument": { "uri": "file:///nowhere.tars" } });
    assert_eq!(
        client.request("textDocument/documentSymbol", document.clone()),
        Value::Null
    );
    assert_eq!(client.request("metascript/cells", document), Value::Null);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn unreadable_options_switch_running_off() {
    let mut client = start_with(
        crate::modern(),
        json!({ "run": { "enabled": "certainly" } }),
    );
    client.open(URI, "PYTHON {\n1\n}\n");
    let error = client.request_error(
        "workspace/executeCommand",
        json!({ "command": "metascript.runCell", "arguments": [{ "uri": URI, "cell": 0 }] }),
    );
    assert!(
        error["message"].as_str().unwrap().contains("switched off"),
        "{error}"
    );
    assert_eq!(client.shut_down(), Some(0));
}
