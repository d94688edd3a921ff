//! Notebooks: the cells are one script, and every answer is about the cell that was asked for.

use metascript_tests::lsp::Client;
use metascript_tests::picture::marked;
use metascript_tests::protocol::check;
use serde_json::{Value, json};

use crate::{modern, start, start_with};

const NOTEBOOK: &str = "file:///book.msnb";

/// Three cells: a piece of a script, Python alone, and a piece that reads both.
const CELLS: [(&str, &str); 3] = [
    (
        "metascript",
        "VARIABLE city {\n    value: \"Lyon 🔄\"\n}\nACTION { type: \"log\" message: \"${nobody}\" }",
    ),
    ("python", "area = len(city)\nprint(area)"),
    (
        "metascript",
        "ACTION {\n    type: \"log\"\n    message: \"${area} of ${city}\"\n}\n",
    ),
];

fn uri(cell: usize) -> String {
    format!("{NOTEBOOK}#cell{cell}")
}

fn item(cell: usize, language: &str, text: &str) -> Value {
    json!({ "uri": uri(cell), "languageId": language, "version": 1, "text": text })
}

fn open(client: &mut Client) {
    let cells: Vec<Value> = (0..CELLS.len())
        .map(|cell| json!({ "kind": 2, "document": uri(cell) }))
        .collect();
    let documents: Vec<Value> = CELLS
        .iter()
        .enumerate()
        .map(|(cell, (language, text))| item(cell, language, text))
        .collect();
    client.notify(
        "notebookDocument/didOpen",
        json!({
            "notebookDocument": { "uri": NOTEBOOK, "notebookType": "metascript", "version": 1, "cells": cells },
            "cellTextDocuments": documents,
        }),
    );
}

fn ask(client: &mut Client, method: &str, params: Value) -> Value {
    let answer = client.request(method, params);
    check(method, &answer);
    answer
}

fn at(cell: usize, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri(cell) }, "position": { "line": line, "character": character } })
}

fn diagnostics(client: &mut Client, cell: usize) -> Value {
    let params = json!({ "textDocument": { "uri": uri(cell) } });
    ask(client, "textDocument/diagnostic", params)["items"].clone()
}

fn change(client: &mut Client, version: i32, cells: Value) {
    client.notify(
        "notebookDocument/didChange",
        json!({ "notebookDocument": { "uri": NOTEBOOK, "version": version }, "change": { "cells": cells } }),
    );
}

fn codes(items: &Value) -> Vec<&str> {
    let items = items.as_array().unwrap().iter();
    items.filter_map(|item| item["code"].as_str()).collect()
}

#[test]
fn the_cells_are_one_script() {
    let mut client = start();
    open(&mut client);
    insta::assert_snapshot!(client.server_text(NOTEBOOK));
    client.notify(
        "notebookDocument/didSave",
        json!({ "notebookDocument": { "uri": NOTEBOOK } }),
    );
    client.notify(
        "notebookDocument/didClose",
        json!({ "notebookDocument": { "uri": NOTEBOOK }, "cellTextDocuments": [] }),
    );
    let gone = client.request("textDocument/hover", at(1, 0, 0));
    assert!(gone.is_null());
    assert_eq!(client.shut_down(), Some(0));
}

#[test]
fn names_lead_from_cell_to_cell() {
    let mut client = start();
    open(&mut client);
    let found = ask(&mut client, "textDocument/definition", at(1, 0, 12));
    assert_eq!(found[0]["uri"], uri(0).as_str());
    let mut params = at(2, 2, 16);
    params["context"] = json!({ "includeDeclaration": true });
    let places = ask(&mut client, "textDocument/references", params);
    let mut picture = String::new();
    for (cell, (_, text)) in CELLS.iter().enumerate() {
        let marks: Vec<_> = places
            .as_array()
            .unwrap()
            .iter()
            .filter(|place| place["uri"] == uri(cell).as_str())
            .map(|place| (place["range"].clone(), format!("cell {cell}")))
            .collect();
        picture.push_str(&marked(text, &marks));
    }
    insta::assert_snapshot!(picture);
}

#[test]
fn a_rename_edits_every_cell() {
    let capabilities = json!({ "workspace": { "workspaceEdit": { "documentChanges": true } } });
    let mut client = start_with(capabilities, Value::Null);
    open(&mut client);
    let mut params = at(1, 0, 12);
    params["newName"] = json!("town");
    let edit = ask(&mut client, "textDocument/rename", params);
    let mut places: Vec<String> = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        for one in change["edits"].as_array().unwrap() {
            places.push(format!(
                "{} {}:{}",
                change["textDocument"]["uri"].as_str().unwrap(),
                one["range"]["start"]["line"],
                one["range"]["start"]["character"]
            ));
        }
    }
    assert_eq!(
        places,
        [
            format!("{} 0:9", uri(0)),
            format!("{} 0:11", uri(1)),
            format!("{} 2:27", uri(2)),
        ]
    );
}

#[test]
fn answers_are_about_the_cell_that_was_asked_for() {
    let mut client = start();
    open(&mut client);
    let hover = ask(&mut client, "textDocument/hover", at(1, 0, 12));
    assert_eq!(
        hover["range"]["start"],
        json!({ "line": 0, "character": 11 })
    );
    let list = ask(&mut client, "textDocument/completion", at(1, 1, 8));
    let area = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["label"] == "area")
        .expect("the name of the cell's own first line");
    assert_eq!(area["textEdit"]["range"]["start"]["line"], 1);
    assert_eq!(codes(&diagnostics(&mut client, 0)), ["MS0301"]);
    assert_eq!(codes(&diagnostics(&mut client, 1)), Vec::<&str>::new());
    let document = |cell: usize| json!({ "textDocument": { "uri": uri(cell) } });
    let symbols = ask(&mut client, "textDocument/documentSymbol", document(2));
    assert_eq!(symbols.as_array().unwrap().len(), 1, "{symbols}");
    let tokens = ask(&mut client, "textDocument/semanticTokens/full", document(1));
    let data: Vec<u64> = serde_json::from_value(tokens["data"].clone()).unwrap();
    assert_eq!(data[..3], [0, 0, 4], "`area` is the first token");
    for method in [
        "textDocument/foldingRange",
        "textDocument/codeLens",
        "textDocument/documentLink",
        "textDocument/documentColor",
    ] {
        for cell in 0..CELLS.len() {
            let answer = ask(&mut client, method, document(cell));
            assert!(inside(&answer, CELLS[cell].1), "{method}: {answer}");
        }
    }
}

/// Whether no line in an answer lies behind the text.
fn inside(answer: &Value, text: &str) -> bool {
    let lines = text.split('\n').count() as u64;
    match answer {
        Value::Array(items) => items.iter().all(|item| inside(item, text)),
        Value::Object(fields) => fields.iter().all(|(name, field)| {
            let line = matches!(name.as_str(), "line" | "startLine" | "endLine");
            if line {
                field.as_u64().is_some_and(|line| line < lines)
            } else {
                inside(field, text)
            }
        }),
        _ => true,
    }
}

#[test]
fn cells_are_typed_in_added_and_removed() {
    let mut client = start();
    open(&mut client);
    // A line above, in the first cell: the other cells' own lines stay.
    change(
        &mut client,
        2,
        json!({ "textContent": [{
            "document": { "uri": uri(0), "version": 2 },
            "changes": [{
                "range": { "start": { "line": 3, "character": 33 }, "end": { "line": 3, "character": 39 } },
                "text": "city"
            }, {
                "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 0, "character": 0 } },
                "text": "// a comment\n"
            }]
        }] }),
    );
    assert_eq!(codes(&diagnostics(&mut client, 0)), Vec::<&str>::new());
    let hover = ask(&mut client, "textDocument/hover", at(1, 0, 12));
    assert_eq!(
        hover["range"]["start"],
        json!({ "line": 0, "character": 11 })
    );
    let found = ask(&mut client, "textDocument/definition", at(1, 0, 12));
    assert_eq!(found[0]["range"]["start"]["line"], 1);
    // The Python cell goes, another one comes in its place.
    change(
        &mut client,
        3,
        json!({ "structure": {
            "array": { "start": 1, "deleteCount": 1, "cells": [{ "kind": 2, "document": uri(7) }] },
            "didOpen": [item(7, "fsharp", "let size = 1")],
            "didClose": [{ "uri": uri(1) }],
        } }),
    );
    assert_eq!(
        codes(&diagnostics(&mut client, 2)),
        ["MS0301"],
        "nothing defines `area` any more"
    );
    insta::assert_snapshot!(client.server_text(NOTEBOOK));
}

#[test]
fn clients_that_are_pushed_to_hear_of_each_cell() {
    let mut capabilities = modern();
    capabilities["textDocument"]["diagnostic"] = Value::Null;
    let mut client = start_with(capabilities, Value::Null);
    open(&mut client);
    let told = client.notification("textDocument/publishDiagnostics", |told| {
        told["uri"] == uri(0).as_str()
    });
    assert_eq!(codes(&told["diagnostics"]), ["MS0301"]);
    assert_eq!(told["diagnostics"][0]["range"]["start"]["line"], 3);
}

#[test]
fn a_script_is_split_into_cells_and_keeps_every_byte() {
    let mut client = start();
    let text = "// first\nVARIABLE a { value: 1 }\r\n\r\nPYTHON {\n    a + 1\n    output_variable: \"b\"\n}\n";
    let answer = client.request("metascript/notebook", json!({ "text": text }));
    let pieces = answer["pieces"].as_array().unwrap();
    let whole: String = pieces
        .iter()
        .flat_map(|piece| ["before", "content", "after"].map(|part| piece[part].as_str().unwrap()))
        .collect();
    assert_eq!(whole, text);
    let kinds: Vec<&Value> = pieces.iter().map(|piece| &piece["kind"]).collect();
    assert_eq!(kinds, ["script", "code"]);
    assert_eq!(pieces[1]["language"], "python");
    assert_eq!(pieces[1]["content"], "    a + 1");
    assert_eq!(answer["style"], "brace");
}

#[test]
fn a_cell_keeps_the_block_that_it_came_from() {
    let mut client = start();
    let cells = json!([{ "kind": 2, "document": uri(0), "metadata": { "metascript": {
        "language": "python", "before": "PYTHON first {\n", "after": "\n    output_variable: \"b\"\n}\n\n"
    } } }]);
    client.notify(
        "notebookDocument/didOpen",
        json!({
            "notebookDocument": { "uri": NOTEBOOK, "notebookType": "metascript", "version": 1, "cells": cells },
            "cellTextDocuments": [item(0, "python", "a + 1")],
        }),
    );
    assert_eq!(
        client.server_text(NOTEBOOK),
        "PYTHON first {\na + 1\noutput_variable: \"b\"\n}\n\n"
    );
}
