//! The server as real editors see it: their own `initialize`, recorded by others, and an answer to every request that
//! they may send.

use metascript_tests::lsp::Client;
use metascript_tests::protocol::check;
use metascript_tests::suites;
use serde_json::{Value, json};

const URI: &str = "file:///clients.tars";

fn recorded(name: &str) -> Option<Value> {
    let path = suites::file(&format!("pytest-lsp/pytest_lsp/clients/{name}.json"))?;
    let text = std::fs::read_to_string(path).expect("a recording");
    let value: Value = serde_json::from_str(&text).expect("JSON");
    Some(value["capabilities"].clone())
}

/// Every request that the server announces, with an answer that the protocol allows.
fn all_requests(name: &str) {
    let Some(capabilities) = recorded(name) else {
        return;
    };
    let text = std::fs::read_to_string(metascript_tests::fixture("mistakes.tars")).unwrap();
    let mut client = Client::start(env!("CARGO_BIN_EXE_metascript"), capabilities, Value::Null);
    client.open(URI, &text);
    let document = json!({ "textDocument": { "uri": URI } });
    let with = |extra: &Value| {
        let mut params = document.clone();
        for (key, value) in extra.as_object().unwrap() {
            params[key] = value.clone();
        }
        params
    };
    let range =
        json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 40, "character": 0 } });
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let context = json!({ "diagnostics": [] });
    for method in [
        "textDocument/documentSymbol",
        "textDocument/foldingRange",
        "textDocument/codeLens",
        "textDocument/documentLink",
        "textDocument/semanticTokens/full",
        "textDocument/diagnostic",
    ] {
        check(method, &client.request(method, document.clone()));
    }
    for (method, extra) in [
        ("textDocument/formatting", json!({ "options": options })),
        (
            "textDocument/rangeFormatting",
            json!({ "options": options, "range": range }),
        ),
        (
            "textDocument/rangesFormatting",
            json!({ "options": options, "ranges": [range] }),
        ),
        (
            "textDocument/semanticTokens/range",
            json!({ "range": range }),
        ),
        ("textDocument/inlayHint", json!({ "range": range })),
        (
            "textDocument/codeAction",
            json!({ "range": range, "context": context }),
        ),
    ] {
        check(method, &client.request(method, with(&extra)));
    }
    for (number, line) in text.lines().enumerate() {
        for character in [0, line.len() / 2, line.len()] {
            let here = json!({ "position": { "line": number, "character": character } });
            for method in [
                "textDocument/completion",
                "textDocument/hover",
                "textDocument/signatureHelp",
                "textDocument/definition",
                "textDocument/declaration",
                "textDocument/typeDefinition",
                "textDocument/implementation",
                "textDocument/documentHighlight",
                "textDocument/linkedEditingRange",
                "textDocument/prepareCallHierarchy",
            ] {
                check(method, &client.request(method, with(&here)));
            }
            let mut references = with(&here);
            references["context"] = json!({ "includeDeclaration": true });
            let found = client.request("textDocument/references", references);
            check("textDocument/references", &found);
        }
    }
    resolve_all(&mut client, &text);
    check(
        "workspace/symbol",
        &client.request("workspace/symbol", json!({ "query": "" })),
    );
    assert_eq!(client.shut_down(), Some(0));
}

/// What the lists leave open is filled in when it is asked for, and a client that cannot ask gets it at once.
fn resolve_all(client: &mut Client, text: &str) {
    let document = json!({ "textDocument": { "uri": URI } });
    let mut hints = document.clone();
    hints["range"] = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": text.lines().count(), "character": 0 } });
    for (list, resolve, params) in [
        ("textDocument/codeLens", "codeLens/resolve", &document),
        (
            "textDocument/documentLink",
            "documentLink/resolve",
            &document,
        ),
        ("textDocument/inlayHint", "inlayHint/resolve", &hints),
    ] {
        let items = client.request(list, params.clone());
        for item in items.as_array().into_iter().flatten() {
            let whole = client.request(resolve, item.clone());
            check(resolve, &whole);
            if list == "textDocument/codeLens" {
                assert!(whole["command"].is_object(), "{whole}");
            }
        }
    }
    let mut end = document.clone();
    end["position"] = json!({ "line": text.lines().count(), "character": 0 });
    let found = client.request("textDocument/completion", end);
    let item = found["items"][0].clone();
    let whole = client.request("completionItem/resolve", item);
    check("completionItem/resolve", &whole);
    assert!(whole["documentation"].is_object(), "{whole}");
}

#[test]
fn visual_studio_code() {
    all_requests("visual_studio_code_v1.65.2");
}

#[test]
fn neovim() {
    all_requests("neovim_v0.11.0");
}

#[test]
fn emacs() {
    all_requests("emacs_v29.1");
}
