//! A workspace on disk: its scripts are indexed, followed, and kept right when files move.

use std::fs;
use std::path::Path;

use metascript_tests::lsp::Client;
use metascript_tests::picture::edited;
use metascript_tests::protocol::check;
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_metascript");

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

/// A client that watches files and takes refreshes, in a folder.
fn start(root: &Path) -> Client {
    let capabilities = json!({
        "general": { "positionEncodings": ["utf-16"] },
        "workspace": {
            "workspaceEdit": { "documentChanges": true },
            "didChangeWatchedFiles": { "dynamicRegistration": true },
            "diagnostics": { "refreshSupport": true },
        },
        "textDocument": { "diagnostic": {} },
    });
    let folders = json!([{ "uri": uri(root), "name": "project" }]);
    let mut client = Client::start_in(BINARY, capabilities, Value::Null, folders);
    client.asked("client/registerCapability");
    // The index is there when the server asks to pull again.
    client.asked("workspace/diagnostic/refresh");
    client
}

fn names(client: &mut Client, query: &str) -> Vec<String> {
    let found = client.request("workspace/symbol", json!({ "query": query }));
    check("workspace/symbol", &found);
    found
        .as_array()
        .unwrap()
        .iter()
        .map(|symbol| symbol["name"].as_str().unwrap().to_owned())
        .collect()
}

const TOOLS: &str = "FUNCTION summarise {\n    parameters: [\"text\"]\n}\n";
const MAIN: &str = "IMPORT {\n    path: \"lib/tools.tars\"\n}\n\nCALL {\n    function: \"summarise\"\n    arguments: [\"x\"]\n}\n";

#[test]
fn scripts_on_disk_are_indexed_and_followed() {
    let root = tempfile::tempdir().unwrap();
    let lib = root.path().join("lib");
    fs::create_dir_all(&lib).unwrap();
    fs::write(lib.join("tools.tars"), TOOLS).unwrap();
    let mut client = start(root.path());
    assert_eq!(names(&mut client, "summar"), ["summarise"]);
    fs::write(lib.join("more.tars"), "FUNCTION summary_of_all { }\n").unwrap();
    fs::remove_file(lib.join("tools.tars")).unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [
            { "uri": uri(&lib.join("more.tars")), "type": 1 },
            { "uri": uri(&lib.join("tools.tars")), "type": 3 },
        ] }),
    );
    client.asked("workspace/diagnostic/refresh");
    assert_eq!(names(&mut client, "summar"), ["summary_of_all"]);
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": { "added": [], "removed": [{ "uri": uri(root.path()), "name": "project" }] } }),
    );
    let mut left = names(&mut client, "summar");
    for _ in 0..100 {
        if left.is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        left = names(&mut client, "summar");
    }
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_closed_document_is_what_the_disk_holds() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("tools.tars");
    fs::write(&file, TOOLS).unwrap();
    let mut client = start(root.path());
    client.open(&uri(&file), "FUNCTION unsaved { }\n");
    assert_eq!(names(&mut client, "unsaved"), ["unsaved"]);
    client.notify(
        "textDocument/didClose",
        json!({ "textDocument": { "uri": uri(&file) } }),
    );
    let mut left = names(&mut client, "");
    for _ in 0..100 {
        if left == ["summarise"] {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
        left = names(&mut client, "");
    }
    assert_eq!(left, ["summarise"]);
}

#[test]
fn imports_are_followed_and_move_with_their_files() {
    let root = tempfile::tempdir().unwrap();
    let lib = root.path().join("lib");
    fs::create_dir_all(&lib).unwrap();
    fs::write(lib.join("tools.tars"), TOOLS).unwrap();
    let main = root.path().join("main.tars");
    fs::write(&main, MAIN).unwrap();
    let mut client = start(root.path());
    client.open(&uri(&main), MAIN);
    let found = client.request(
        "textDocument/definition",
        json!({ "textDocument": { "uri": uri(&main) }, "position": { "line": 5, "character": 18 } }),
    );
    check("textDocument/definition", &found);
    assert_eq!(found[0]["uri"], uri(&lib.join("tools.tars")), "{found}");
    let moves = json!({ "files": [{ "oldUri": uri(&lib), "newUri": uri(&root.path().join("shared/lib")) }] });
    let edit = client.request("workspace/willRenameFiles", moves);
    check("workspace/willRenameFiles", &edit);
    let change = &edit["documentChanges"][0];
    assert_eq!(
        change["textDocument"],
        json!({ "uri": uri(&main), "version": 1 })
    );
    assert!(
        edited(MAIN, &change["edits"])
            .starts_with("IMPORT {\n    path: \"shared/lib/tools.tars\"\n")
    );
}

#[test]
fn the_project_s_settings_hold_and_their_mistakes_are_told() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a.tars");
    let text = "VARIABLE city {\n    vlaue: 1\n}\n";
    fs::write(&file, text).unwrap();
    let mut client = start(root.path());
    client.open(&uri(&file), text);
    let pull = json!({ "textDocument": { "uri": uri(&file) } });
    let before = client.request("textDocument/diagnostic", pull.clone());
    let code = before["items"][0]["code"].as_str().unwrap().to_owned();
    let settings = root.path().join(".metascript.toml");
    fs::write(
        &settings,
        format!("[diagnostics]\n{code} = \"off\"\nMS9999 = \"off\"\n"),
    )
    .unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri(&settings), "type": 1 }] }),
    );
    let told = client.notification("window/showMessage", |_| true);
    assert!(
        told["message"].as_str().unwrap().contains("MS9999"),
        "{told}"
    );
    client.asked("workspace/diagnostic/refresh");
    let after = client.request("textDocument/diagnostic", pull);
    let codes: Vec<_> = after["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["code"])
        .collect();
    assert!(!codes.contains(&&json!(code)), "{codes:?}");
}

#[test]
fn the_whole_workspace_is_diagnosed_and_sent_once() {
    let root = tempfile::tempdir().unwrap();
    fs::write(
        root.path().join("good.tars"),
        "DESCRIBE {\n    name: \"good\"\n}\n",
    )
    .unwrap();
    fs::write(
        root.path().join("bad.tars"),
        "VARIABLE x {\n    vlaue: 1\n}\n",
    )
    .unwrap();
    let mut client = start(root.path());
    let first = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    check("workspace/diagnostic", &first);
    let items = first["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let bad = items
        .iter()
        .find(|item| item["uri"].as_str().unwrap().ends_with("bad.tars"))
        .unwrap();
    assert!(!bad["items"].as_array().unwrap().is_empty());
    let known: Vec<Value> = items
        .iter()
        .map(|item| json!({ "uri": item["uri"], "value": item["resultId"] }))
        .collect();
    let second = client.request(
        "workspace/diagnostic",
        json!({ "previousResultIds": known }),
    );
    check("workspace/diagnostic", &second);
    for item in second["items"].as_array().unwrap() {
        assert_eq!(item["kind"], "unchanged");
    }
}

/// More documents than the server keeps everything about.
const MANY: usize = 90;

#[test]
fn documents_that_nobody_looks_at_are_still_right() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("disk.tars"), TOOLS).unwrap();
    let mut client = start(root.path());
    let open = |number: usize| uri(&root.path().join(format!("{number}.tars")));
    let text = |number: usize| {
        format!(
            "VARIABLE name_{number} {{\n    value: 1\n}}\nPYTHON {{\n    made_{number} = name_{number}\n}}\n"
        )
    };
    let tokens = |client: &mut Client, number: usize| {
        let of = json!({ "textDocument": { "uri": open(number) } });
        client.request("textDocument/semanticTokens/full", of)
    };
    for number in 0..MANY {
        client.open(&open(number), &text(number));
        tokens(&mut client, number);
    }
    let first = tokens(&mut client, 0);
    for number in 1..MANY {
        tokens(&mut client, number);
    }
    // The first one rests by now. It is edited, and found by its new name among all others.
    client.notify(
        "textDocument/didChange",
        json!({
            "textDocument": { "uri": open(0), "version": 2 },
            "contentChanges": [{
                "range": { "start": { "line": 0, "character": 9 }, "end": { "line": 0, "character": 13 } },
                "text": "label",
            }],
        }),
    );
    assert_eq!(names(&mut client, "label_0"), ["label_0"]);
    assert!(!names(&mut client, "name_").contains(&"name_0".to_owned()));
    let last = format!("made_{}", MANY - 1);
    assert_eq!(names(&mut client, &last), [last.as_str()]);
    // What it was told before is forgotten: the answer is whole.
    let after = client.request(
        "textDocument/semanticTokens/full/delta",
        json!({ "textDocument": { "uri": open(0) }, "previousResultId": first["resultId"] }),
    );
    check("textDocument/semanticTokens/full/delta", &after);
    assert!(after["data"].is_array(), "{after}");
    let found = client.request(
        "textDocument/references",
        json!({
            "textDocument": { "uri": open(1) }, "position": { "line": 4, "character": 16 },
            "context": { "includeDeclaration": true },
        }),
    );
    assert_eq!(found.as_array().unwrap().len(), 2, "{found}");
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    check("workspace/diagnostic", &all);
    let items = all["items"].as_array().unwrap();
    assert_eq!(items.len(), MANY + 1);
    let undefined = |item: &&Value| item["items"].to_string().contains("MS0301");
    assert_eq!(items.iter().filter(undefined).count(), 0);
}

#[test]
fn a_report_is_made_anew_when_the_script_or_the_settings_change() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("a.tars");
    fs::write(&file, "VARIABLE x {\n    vlaue: 1\n}\n").unwrap();
    let mut client = start(root.path());
    let mut known = Value::Null;
    let mut pull = |client: &mut Client| {
        let ids = if known.is_null() {
            json!([])
        } else {
            json!([{ "uri": uri(&file), "value": known }])
        };
        let found = client.request("workspace/diagnostic", json!({ "previousResultIds": ids }));
        let item = found["items"][0].clone();
        known = item["resultId"].clone();
        (
            item["kind"].as_str().unwrap().to_owned(),
            item["items"].to_string(),
        )
    };
    let (kind, items) = pull(&mut client);
    assert_eq!(kind, "full");
    assert!(items.contains("vlaue"), "{items}");
    assert_eq!(pull(&mut client).0, "unchanged");
    fs::write(&file, "VARIABLE x {\n    vaule: 1\n}\n").unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri(&file), "type": 2 }] }),
    );
    client.asked("workspace/diagnostic/refresh");
    let (kind, items) = pull(&mut client);
    assert_eq!(kind, "full");
    assert!(items.contains("vaule"), "{items}");
    let settings = root.path().join(".metascript.toml");
    fs::write(
        &settings,
        "[diagnostics]\nunknown-property = \"off\"\nmissing-property = \"off\"\n",
    )
    .unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": uri(&settings), "type": 1 }] }),
    );
    client.asked("workspace/diagnostic/refresh");
    let (kind, items) = pull(&mut client);
    assert_eq!(kind, "full");
    assert!(!items.contains("vaule"), "{items}");
}
