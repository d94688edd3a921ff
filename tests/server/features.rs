//! What an editor asks for at a place, over the wire, as pictures.

use std::fmt::Write as _;

use metascript_tests::lsp::Client;
use metascript_tests::picture::{cursor, edited, marked};
use metascript_tests::protocol::check;
use serde_json::{Value, json};

use crate::start_with;

const URI: &str = "file:///features.tars";

/// A client that resolves, takes versioned edits and names parameters by offset.
fn rich() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "symbol": { "resolveSupport": { "properties": ["location.range"] } },
        },
        "textDocument": {
            "diagnostic": {},
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "codeAction": { "resolveSupport": { "properties": ["edit"] }, "dataSupport": true },
            "signatureHelp": {
                "signatureInformation": { "parameterInformation": { "labelOffsetSupport": true } }
            },
        }
    })
}

fn open(capabilities: Value, text: &str) -> Client {
    let mut client = start_with(capabilities, Value::Null);
    client.open(URI, text);
    client
}

/// Asks, and holds the answer against the protocol.
fn ask(client: &mut Client, method: &str, params: Value) -> Value {
    let answer = client.request(method, params);
    check(method, &answer);
    answer
}

fn at(line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } })
}

fn whole(text: &str) -> Value {
    let lines = text.lines().count();
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": lines, "character": 0 } })
}

const FLOW: &str = r#"DESCRIBE {
    name: "flow"
}

VARIABLE city {
    value: "Lyon 🔄"
}

FUNCTION greet {
    parameters: ["who", "how"]
    ACTION {
        type: "log"
        message: "${who} ${how}"
    }
}

PYTHON {
    import math
    area = math.pi * 2
    print(city$0)
}

JAVASCRIPT {
    console.log(area, city);
}

CALL {
    function: "greet"
    arguments: ["${city}", "kindly"]
}
"#;

#[test]
fn a_rename_follows_the_name_through_every_language() {
    let (text, line, character) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let target = ask(
        &mut client,
        "textDocument/prepareRename",
        at(line, character),
    );
    assert_eq!(target["placeholder"], "city");
    let mut params = at(line, character);
    params["newName"] = json!("town");
    let edit = ask(&mut client, "textDocument/rename", params);
    let change = &edit["documentChanges"][0];
    assert_eq!(
        change["textDocument"],
        json!({ "uri": URI, "version": 1 }),
        "the edit names the version that it is for"
    );
    insta::assert_snapshot!(edited(&text, &change["edits"]));
}

#[test]
fn a_rename_that_would_change_the_meaning_is_refused_with_the_reason() {
    let (text, line, character) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let mut params = at(line, character);
    params["newName"] = json!("area");
    let error = client.request_error("textDocument/rename", params);
    insta::assert_snapshot!(error["message"].as_str().unwrap());
}

#[test]
fn definition_and_references_cross_languages() {
    let (text, line, character) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let found = ask(&mut client, "textDocument/definition", at(line, character));
    let mut marks = vec![(found[0]["range"].clone(), "definition".to_owned())];
    let mut params = at(line, character);
    params["context"] = json!({ "includeDeclaration": false });
    let references = ask(&mut client, "textDocument/references", params);
    for place in references.as_array().unwrap() {
        marks.push((place["range"].clone(), "reference".to_owned()));
    }
    insta::assert_snapshot!(marked(&text, &marks));
}

#[test]
fn a_code_action_is_resolved_to_its_edit() {
    let text = "DESCRIBE {\n    name: \"x\"\n}\n\nVARIABLE city {\n    vlaue: \"Lyon\"\n}\n\nACTION {\n    type: \"log\"\n    message: \"${city}\"\n}\n";
    let mut client = open(rich(), text);
    let diagnostics = ask(
        &mut client,
        "textDocument/diagnostic",
        json!({ "textDocument": { "uri": URI } }),
    );
    let params = json!({
        "textDocument": { "uri": URI },
        "range": { "start": { "line": 5, "character": 6 }, "end": { "line": 5, "character": 6 } },
        "context": { "diagnostics": diagnostics["items"], "only": ["quickfix"] },
    });
    let actions = ask(&mut client, "textDocument/codeAction", params);
    let mut picture = String::new();
    for action in actions.as_array().unwrap() {
        assert_eq!(action["kind"], "quickfix");
        writeln!(picture, "{}", action["title"].as_str().unwrap()).unwrap();
    }
    let first = actions
        .as_array()
        .unwrap()
        .iter()
        .find(|action| action["isPreferred"] == true)
        .expect("one action is the best");
    assert!(
        first.get("edit").is_none(),
        "the edit comes when it is asked for"
    );
    assert!(!first["diagnostics"].as_array().unwrap().is_empty());
    let resolved = ask(&mut client, "codeAction/resolve", first.clone());
    let edits = &resolved["edit"]["documentChanges"][0]["edits"];
    write!(picture, "\n{}", edited(text, edits)).unwrap();
    insta::assert_snapshot!(picture);
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{ "text": "DESCRIBE { }\n" }] }),
    );
    let error = client.request_error("codeAction/resolve", first.clone());
    assert_eq!(error["code"], -32801, "the text has moved on: {error}");
}

#[test]
fn a_security_finding_is_shown_explained_and_repaired() {
    let text = "PYTHON {\n    import yaml\n    data = yaml.load(\"a: 1\", Loader=yaml.Loader)\n}\n";
    let mut client = open(json!({}), text);
    let shown = client.notification("textDocument/publishDiagnostics", |_| true);
    let finding = shown["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["source"] == "metascript security" && item["range"]["start"]["line"] == 2)
        .expect("the scanner's finding is among the diagnostics");
    let hover = ask(&mut client, "textDocument/hover", at(2, 17));
    let page = hover["contents"]["value"].as_str().unwrap();
    assert!(page.contains(finding["code"].as_str().unwrap()), "{page}");
    let actions = ask(
        &mut client,
        "textDocument/codeAction",
        json!({
            "textDocument": { "uri": URI },
            "range": finding["range"],
            "context": { "diagnostics": [finding] },
        }),
    );
    let fix = actions
        .as_array()
        .unwrap()
        .iter()
        .find(|action| action["isPreferred"] == true)
        .expect("there is one best repair");
    insta::assert_snapshot!(edited(text, &fix["edit"]["changes"][URI]));
}

#[test]
fn semantic_tokens_colour_scripts_and_cells() {
    let (text, ..) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let document = json!({ "textDocument": { "uri": URI } });
    let full = ask(
        &mut client,
        "textDocument/semanticTokens/full",
        document.clone(),
    );
    insta::assert_snapshot!(tokens(&text, &full["data"]));
    let mut delta = document.clone();
    delta["previousResultId"] = full["resultId"].clone();
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": 2 }, "contentChanges": [{
            "range": { "start": { "line": 17, "character": 0 }, "end": { "line": 17, "character": 0 } },
            "text": "    extra = 1\n",
        }] }),
    );
    let change = ask(&mut client, "textDocument/semanticTokens/full/delta", delta);
    let fresh = ask(
        &mut client,
        "textDocument/semanticTokens/full",
        document.clone(),
    );
    let mut patched: Vec<Value> = full["data"].as_array().unwrap().clone();
    for edit in change["edits"].as_array().unwrap() {
        let start = usize::try_from(edit["start"].as_u64().unwrap()).unwrap();
        let gone = usize::try_from(edit["deleteCount"].as_u64().unwrap()).unwrap();
        let new = edit["data"].as_array().cloned().unwrap_or_default();
        assert!(new.len() + gone < 80, "a small edit makes a small delta");
        patched.splice(start..start + gone, new);
    }
    assert_eq!(Value::from(patched), fresh["data"]);
    let mut range = document;
    range["range"] =
        json!({ "start": { "line": 4, "character": 0 }, "end": { "line": 6, "character": 1 } });
    let part = ask(&mut client, "textDocument/semanticTokens/range", range);
    let lines = part["data"].as_array().unwrap();
    assert!(!lines.is_empty() && lines.len() < fresh["data"].as_array().unwrap().len());
}

/// Each token with its type.
fn tokens(text: &str, data: &Value) -> String {
    const TYPES: [&str; 15] = [
        "keyword",
        "variable",
        "parameter",
        "property",
        "function",
        "class",
        "method",
        "event",
        "type",
        "namespace",
        "enumMember",
        "string",
        "number",
        "comment",
        "operator",
    ];
    let numbers: Vec<usize> = data
        .as_array()
        .unwrap()
        .iter()
        .map(|number| usize::try_from(number.as_u64().unwrap()).unwrap())
        .collect();
    let lines: Vec<Vec<u16>> = text
        .lines()
        .map(|line| line.encode_utf16().collect())
        .collect();
    let (mut line, mut start, mut out) = (0, 0, String::new());
    for token in numbers.chunks(5) {
        if token[0] > 0 {
            line += token[0];
            start = 0;
        }
        start += token[1];
        let word = String::from_utf16_lossy(&lines[line][start..start + token[2]]);
        let defines = if token[4] & 1 == 1 {
            " (definition)"
        } else {
            ""
        };
        writeln!(out, "{line:>3} {word:<16} {}{defines}", TYPES[token[3]]).unwrap();
    }
    out
}

#[test]
fn notes_links_signatures_and_linked_names() {
    let (text, ..) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let hints = ask(
        &mut client,
        "textDocument/inlayHint",
        json!({ "textDocument": { "uri": URI }, "range": whole(&text) }),
    );
    let mut picture = String::new();
    for hint in hints.as_array().unwrap() {
        let place = &hint["position"];
        writeln!(
            picture,
            "hint {}:{} {}",
            place["line"], place["character"], hint["label"]
        )
        .unwrap();
    }
    let call = text
        .lines()
        .position(|line| line.contains("arguments:"))
        .unwrap();
    let character = text.lines().nth(call).unwrap().find("kindly").unwrap();
    let place = at(
        u32::try_from(call).unwrap(),
        u32::try_from(character).unwrap(),
    );
    let help = ask(&mut client, "textDocument/signatureHelp", place);
    let signature = &help["signatures"][0];
    writeln!(
        picture,
        "signature {} {} active {}",
        signature["label"], signature["parameters"], help["activeParameter"]
    )
    .unwrap();
    let parameter = text
        .lines()
        .position(|line| line.contains("parameters:"))
        .unwrap();
    let linked = ask(
        &mut client,
        "textDocument/linkedEditingRange",
        at(u32::try_from(parameter).unwrap(), 18),
    );
    let marks: Vec<_> = linked["ranges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| (range.clone(), "linked".to_owned()))
        .collect();
    picture.push_str(&marked(&text, &marks));
    insta::assert_snapshot!(picture);
}

#[test]
fn a_selection_grows_from_the_word_to_the_file() {
    let (text, line, character) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let answer = ask(
        &mut client,
        "textDocument/selectionRange",
        json!({ "textDocument": { "uri": URI }, "positions": [
            { "line": line, "character": character }, { "line": 0, "character": 0 }
        ] }),
    );
    assert_eq!(answer.as_array().unwrap().len(), 2);
    let mut picture = String::new();
    let mut range = &answer[0];
    while !range.is_null() {
        let (start, end) = (&range["range"]["start"], &range["range"]["end"]);
        writeln!(
            picture,
            "{}:{} - {}:{}",
            start["line"], start["character"], end["line"], end["character"]
        )
        .unwrap();
        range = &range["parent"];
    }
    insta::assert_snapshot!(picture);
}

#[test]
fn calls_are_found_in_both_directions() {
    let (text, ..) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let line = text
        .lines()
        .position(|line| line.starts_with("FUNCTION"))
        .unwrap();
    let items = ask(
        &mut client,
        "textDocument/prepareCallHierarchy",
        at(u32::try_from(line).unwrap(), 10),
    );
    assert_eq!(items[0]["name"], "greet");
    let incoming = ask(
        &mut client,
        "callHierarchy/incomingCalls",
        json!({ "item": items[0] }),
    );
    let caller = &incoming[0];
    let marks: Vec<_> = caller["fromRanges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|range| {
            (
                range.clone(),
                format!("called by {}", caller["from"]["name"]),
            )
        })
        .collect();
    insta::assert_snapshot!(marked(&text, &marks));
    let outgoing = ask(
        &mut client,
        "callHierarchy/outgoingCalls",
        json!({ "item": caller["from"] }),
    );
    assert_eq!(outgoing[0]["to"]["name"], "greet");
}

#[test]
fn an_inline_completion_comes_without_any_provider() {
    let text = "VARIABLE a {\n    value: 1\n}\n\nVARIABLE b {\n    value: 2\n}\n\nVARIABLE c {\n    va\n}\n";
    let mut client = open(rich(), text);
    let params = json!({
        "textDocument": { "uri": URI },
        "position": { "line": 9, "character": 6 },
        "context": { "triggerKind": 1 },
    });
    // The assistant is made in the background after `initialized`.
    let mut answer = Value::Null;
    for _ in 0..100 {
        answer = ask(&mut client, "textDocument/inlineCompletion", params.clone());
        if answer["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty())
        {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let item = &answer["items"][0];
    let text = item["insertText"].as_str().expect("a suggestion");
    assert!(text.starts_with("lue:"), "{answer:#}");
    assert_eq!(item["command"]["command"], "metascript.suggestionAccepted");
    let accepted = client.request(
        "workspace/executeCommand",
        json!({ "command": item["command"]["command"], "arguments": item["command"]["arguments"] }),
    );
    assert_eq!(accepted, Value::Null);
}

#[test]
fn nothing_is_suggested_unasked_in_front_of_text() {
    let (text, ..) = cursor(FLOW);
    let mut client = open(rich(), &text);
    let params = |trigger: u32| {
        json!({
            "textDocument": { "uri": URI },
            "position": { "line": 0, "character": 0 },
            "context": { "triggerKind": trigger },
        })
    };
    // When asked, something comes as soon as the assistant is there; unasked, nothing then either.
    let mut asked = Value::Null;
    for _ in 0..100 {
        asked = ask(&mut client, "textDocument/inlineCompletion", params(1));
        if asked["items"]
            .as_array()
            .is_some_and(|items| !items.is_empty())
        {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_ne!(asked["items"], json!([]), "the assistant is there");
    let unasked = ask(&mut client, "textDocument/inlineCompletion", params(2));
    assert_eq!(unasked["items"], json!([]));
}

#[test]
fn the_graph_of_a_script_is_told_and_changed() {
    let mut client = crate::start();
    let uri = "file:///graph.trsx";
    let text = "workflow \"w\" {\n  node \"one\" kind=\"reason\" {\n    goal = \"g\"\n    output = \"o\"\n  }\n  node \"two\" kind=\"reason\" {\n    goal = \"${o}\"\n  }\n}\n";
    client.open(uri, text);
    let graph = client.request(
        "metascript/graph",
        json!({ "textDocument": { "uri": uri } }),
    );
    let nodes = graph["nodes"].as_array().unwrap();
    let names: Vec<&Value> = nodes.iter().map(|node| &node["name"]).collect();
    assert_eq!(names, ["w", "one", "two"]);
    assert_eq!(nodes[2]["parent"], 0);
    assert_eq!(nodes[2]["selection"]["start"]["line"], 5);
    assert_eq!(graph["edges"][0]["kind"], "data", "{graph:#}");
    assert_eq!(graph["edges"][0]["names"], json!(["o"]));
    let drawn = client.request(
        "metascript/graphEdit",
        json!({ "textDocument": { "uri": uri }, "add": { "what": "edge", "from": "one", "to": "two" } }),
    );
    let edits = serde_json::to_string(&drawn).unwrap();
    assert!(edits.contains("edge \\\"one\\\" -> \\\"two\\\""), "{edits}");
    let refused = client.request_error(
        "metascript/graphEdit",
        json!({ "textDocument": { "uri": uri }, "add": { "what": "node", "name": "one", "kind": "node" } }),
    );
    assert!(
        refused["message"].as_str().unwrap().contains("already"),
        "{refused}"
    );
}
