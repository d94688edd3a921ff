//! The F# compiler as an editor sees it: errors while somebody types, completion, hover, signatures. Nothing runs.

use serde_json::{Value, json};

use metascript_tests::lsp::Client;

use crate::{modern, start_with};

const URI: &str = "file:///scripts/typed.tars";

/// A client that is told when diagnostics change.
fn start(options: Value) -> Client {
    let mut capabilities = modern();
    capabilities["workspace"]["diagnostics"]["refreshSupport"] = json!(true);
    start_with(capabilities, options)
}

/// What the F# compiler says of the document: line, columns, code, message.
fn said(client: &mut Client) -> Vec<String> {
    let answer = client.request(
        "textDocument/diagnostic",
        json!({ "textDocument": { "uri": URI } }),
    );
    let items = answer["items"].as_array().cloned().unwrap_or_default();
    let own = items.into_iter().filter(|item| item["source"] == "F#");
    own.map(|item| {
        let range = &item["range"];
        format!(
            "{}:{}-{} {} {}",
            range["start"]["line"],
            range["start"]["character"],
            range["end"]["character"],
            item["code"].as_str().unwrap(),
            item["message"].as_str().unwrap()
        )
    })
    .collect()
}

/// The same, once it is what is wanted.
fn said_at_last(client: &mut Client, wanted: impl Fn(&[String]) -> bool) -> Vec<String> {
    loop {
        let found = said(client);
        if wanted(&found) {
            return found;
        }
        client.asked("workspace/diagnostic/refresh");
    }
}

fn change(client: &mut Client, version: i64, text: &str) {
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": version }, "contentChanges": [{ "text": text }] }),
    );
}

fn at(line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } })
}

const SCRIPT: &str = "DESCRIBE { name: \"x\" }
VARIABLE limit { value: 3 }
FSHARP {
    let names = [ \"Ada\"; \"Alan\" ]
    let count : int = \"two\"
}
FSHARP {
    let short = names |> List.filter (fun name -> name.Length > limit)
    unheard + 1
}
";

#[test]
fn errors_come_while_somebody_types_and_go() {
    let mut client = start(Value::Null);
    client.open(URI, SCRIPT);
    let found = said_at_last(&mut client, |found| found.len() >= 2);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("4:22-27 FS0001 ") && found[1].starts_with("8:4-11 FS0039 "),
        "{found:?}"
    );
    assert!(found[1].contains("unheard"), "{found:?}");

    // A line above: what was said stands with its line at once, whatever the compiler does.
    let moved = SCRIPT.replace("    let count", "    // a remark\n    let count");
    change(&mut client, 2, &moved);
    let shown = said(&mut client);
    assert!(
        shown[0].starts_with("5:22-27 FS0001 ") && shown[1].starts_with("9:4-11 FS0039 "),
        "{shown:?}"
    );

    let right = moved.replace("\"two\"", "2").replace("unheard", "limit");
    change(&mut client, 3, &right);
    said_at_last(&mut client, <[String]>::is_empty);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn a_client_that_is_pushed_to_is_told() {
    let mut capabilities = modern();
    capabilities["textDocument"]["diagnostic"] = Value::Null;
    let mut client = start_with(capabilities, Value::Null);
    client.open(URI, SCRIPT);
    let told = client.notification("textDocument/publishDiagnostics", |params| {
        let items = params["diagnostics"].as_array().unwrap();
        items.iter().filter(|item| item["source"] == "F#").count() == 2
    });
    assert_eq!(told["uri"], URI);
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn the_compiler_completes_and_explains() {
    let mut client = start(Value::Null);
    let script = SCRIPT.replace("unheard + 1", "names |> List.");
    client.open(URI, &script);
    // It answers once it has checked.
    said_at_last(&mut client, |found| !found.is_empty());
    // An answer that comes too late is left out, and asked for again by whoever types on.
    loop {
        let list = client.request("textDocument/completion", at(8, 18));
        let items = list["items"].as_array().unwrap();
        let has = |label: &str| items.iter().any(|item| item["label"] == label);
        if has("filter") && has("map") {
            break;
        }
    }
    let hover = loop {
        let hover = client.request("textDocument/hover", at(7, 9));
        if hover["contents"]["value"].is_string() {
            break hover;
        }
    };
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(
        text.contains("```fsharp\n") && text.contains("short") && text.contains("string list"),
        "{text}"
    );
    assert_eq!(
        hover["range"]["start"],
        json!({ "line": 7, "character": 8 })
    );
    let script = script.replace("names |> List.", "String.Join(\", \", names)");
    change(&mut client, 2, &script);
    let help = loop {
        let help = client.request("textDocument/signatureHelp", at(8, 22));
        if !help.is_null() {
            break help;
        }
    };
    assert_eq!(help["activeParameter"], 1, "{help}");
    assert!(
        help["signatures"][0]["label"]
            .as_str()
            .unwrap()
            .contains("separator"),
        "{help}"
    );
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn the_checks_can_be_switched_off() {
    let mut client = start(json!({ "fsharp": { "diagnostics": false } }));
    client.open(URI, SCRIPT);
    // Asked about a place, the compiler comes all the same.
    loop {
        let hover = client.request("textDocument/hover", at(3, 9));
        if hover["contents"]["value"]
            .as_str()
            .is_some_and(|text| text.contains("string list"))
        {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(said(&mut client).is_empty());
    assert_eq!(client.shut_down(), Some(0));
}
