//! What a list leaves open comes when it is asked for, if the client can ask.

use metascript_tests::lsp::Client;
use metascript_tests::picture::{cursor, marked};
use metascript_tests::protocol::check;
use serde_json::{Value, json};

use crate::start_with;

const URI: &str = "file:///resolving.tars";

/// A client that resolves all that can be resolved.
fn lazy() -> Value {
    json!({ "textDocument": {
        "completion": { "completionItem": { "resolveSupport": { "properties": ["documentation"] } } },
        "codeLens": { "resolveSupport": { "properties": ["command"] } },
        "inlayHint": { "resolveSupport": { "properties": ["tooltip", "label.location"] } },
        "documentLink": { "tooltipSupport": true },
    } })
}

fn open(capabilities: Value, text: &str) -> Client {
    let mut client = start_with(capabilities, Value::Null);
    client.open(URI, text);
    client
}

fn ask(client: &mut Client, method: &str, params: Value) -> Value {
    let answer = client.request(method, params);
    check(method, &answer);
    answer
}

fn document() -> Value {
    json!({ "textDocument": { "uri": URI } })
}

fn first_completion(client: &mut Client) -> Value {
    let mut params = document();
    params["position"] = json!({ "line": 0, "character": 2 });
    let list = ask(client, "textDocument/completion", params);
    list["items"][0].clone()
}

#[test]
fn completions_bring_their_documentation_when_somebody_looks() {
    let mut client = open(lazy(), "VA\n");
    let item = first_completion(&mut client);
    assert_eq!(item["label"], "VARIABLE");
    assert!(item["documentation"].is_null(), "{item}");
    let whole = ask(&mut client, "completionItem/resolve", item.clone());
    let page = whole["documentation"]["value"].as_str().unwrap();
    assert!(page.contains("**VARIABLE**"), "{page}");
    // The text has moved on: what does not depend on it is still told.
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": "VARI\n" }] }),
    );
    let whole = ask(&mut client, "completionItem/resolve", item);
    assert!(whole["documentation"].is_object());
    let mut client = open(json!({}), "VA\n");
    let item = first_completion(&mut client);
    assert!(item["documentation"].is_object() && item["data"].is_null());
}

#[test]
fn lenses_bring_their_command_when_they_are_drawn() {
    let text = "PYTHON {\n    x = 1\n}\nPYTHON {\n    y = 1\n}\n";
    let mut client = open(lazy(), text);
    let lenses = ask(&mut client, "textDocument/codeLens", document());
    let lenses = lenses.as_array().unwrap();
    assert!(lenses.iter().all(|lens| lens["command"].is_null()));
    let titles: Vec<String> = lenses
        .iter()
        .map(|lens| {
            let whole = ask(&mut client, "codeLens/resolve", lens.clone());
            whole["command"]["title"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        titles,
        ["▶ Run cell", "Run all", "▶ Run cell", "Run all above"]
    );
    let mut client = open(json!({}), text);
    let lenses = ask(&mut client, "textDocument/codeLens", document());
    assert!(lenses[0]["command"].is_object() && lenses[0]["data"].is_null());
}

#[test]
fn hints_lead_to_what_they_name() {
    let text = "VARIABLE city { value: \"Lyon\" }\nFUNCTION greet {\n    parameters: [\"who\"]\n    description: \"Says hello\"\n}\nCALL { function: \"greet\" arguments: [1] }\nPYTHON {\n    area = 2\n}\nPYTHON {\n    print(city, area)\n}\n";
    let mut client = open(lazy(), text);
    let mut params = document();
    params["range"] =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 20, "character": 0 } });
    let hints = ask(&mut client, "textDocument/inlayHint", params);
    let mut marks = Vec::new();
    let mut pages = String::new();
    for hint in hints.as_array().unwrap() {
        let whole = ask(&mut client, "inlayHint/resolve", hint.clone());
        for part in whole["label"].as_array().unwrap() {
            if part["location"].is_object() {
                let label = part["value"].as_str().unwrap().to_owned();
                marks.push((part["location"]["range"].clone(), label));
            }
        }
        pages.push_str(whole["tooltip"]["value"].as_str().unwrap());
        pages.push_str("\n======\n");
    }
    insta::assert_snapshot!(format!("{}\n{pages}", marked(text, &marks)));
}

#[test]
fn links_tell_what_they_lead_to() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("in.txt"), "four").unwrap();
    let uri = format!("file://{}/main.tars", folder.path().display());
    let text = "ACTION { type: \"file_read\" path: \"in.txt\" }\nWEBAPI { endpoint: \"https://example.org/a\" }\n";
    let mut client = start_with(lazy(), Value::Null);
    client.open(&uri, text);
    let links = ask(
        &mut client,
        "textDocument/documentLink",
        json!({ "textDocument": { "uri": uri } }),
    );
    let tooltips: Vec<Value> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|link| ask(&mut client, "documentLink/resolve", link.clone())["tooltip"].clone())
        .collect();
    assert_eq!(
        tooltips,
        [json!("in.txt: 4 bytes"), json!("on example.org")]
    );
}

#[test]
fn types_and_implementations_cross_languages_and_the_wire() {
    let (text, line, character) = cursor(
        "FSHARP {\n    type Report = { Total: float }\n    let report = { Total = 1.0 }\n}\nFUNCTION total {\n    implementation: \"add_up\"\n}\nPYTHON {\n    def add_up(rows):\n        return rep$0ort\n}\nCALL { function: \"total\" }\n",
    );
    let mut client = open(lazy(), &text);
    let at = |line: u32, character: u32| json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
    let kind = ask(
        &mut client,
        "textDocument/typeDefinition",
        at(line, character),
    );
    let done = ask(&mut client, "textDocument/implementation", at(11, 20));
    insta::assert_snapshot!(marked(
        &text,
        &[
            (kind[0]["range"].clone(), "type of `report`".to_owned()),
            (
                done[0]["range"].clone(),
                "implementation of `total`".to_owned()
            ),
        ]
    ));
}
