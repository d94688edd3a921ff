//! Which results still hold: `metascript/staleCells`, `metascript.runStale`, the state of each cell.

use serde_json::{Value, json};

use crate::start;
use metascript_tests::lsp::Client;

const URI: &str = "file:///scripts/stale.tars";

const SCRIPT: &str = "VARIABLE base {\n    value: 10\n}\nPYTHON {\n    total = base + 1\n}\nJAVASCRIPT {\n    const twice = total * 2;\n}\nPYTHON {\n    print(twice)\n}\nPYTHON {\n    alone = 1\n}\n";

fn command(client: &mut Client, name: &str, argument: Value) -> Value {
    client.request(
        "workspace/executeCommand",
        json!({ "command": name, "arguments": [argument] }),
    )
}

fn run_all(client: &mut Client) {
    let summary = command(client, "metascript.runAll", json!({ "uri": URI }));
    assert_eq!(summary["status"], "ok", "{summary:#}");
}

/// Replaces a text that stands once in the script; the script as it is then.
fn replace(client: &mut Client, version: i32, script: &str, old: &str, new: &str) -> String {
    let script = script.replacen(old, new, 1);
    client.notify(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": URI, "version": version }, "contentChanges": [{ "text": script }] }),
    );
    script
}

/// The next list of stale cells with so many entries, as `cell: because`.
fn stale(client: &mut Client, count: usize) -> String {
    let params = client.notification("metascript/staleCells", |params| {
        params["cells"].as_array().unwrap().len() == count
    });
    let cells = params["cells"].as_array().unwrap();
    cells
        .iter()
        .map(|cell| format!("{}: {}\n", cell["cell"], cell["because"].as_str().unwrap()))
        .collect()
}

fn states(client: &mut Client) -> String {
    let cells = client.request(
        "metascript/cells",
        json!({ "textDocument": { "uri": URI } }),
    );
    let cells = cells.as_array().unwrap();
    cells
        .iter()
        .map(|cell| cell["state"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn an_edit_reaches_across_languages_and_run_stale_mends_exactly_that() {
    let mut client = start();
    client.open(URI, SCRIPT);
    assert_eq!(states(&mut client), "never never never never");
    run_all(&mut client);
    assert_eq!(states(&mut client), "fresh fresh fresh fresh");

    replace(&mut client, 2, SCRIPT, "base + 1", "base + 2");
    insta::assert_snapshot!(stale(&mut client, 3), @r"
    0: edited since
    1: `total` comes from cell 0, which is stale
    2: `twice` comes from cell 1, which is stale
    ");
    assert_eq!(states(&mut client), "stale stale stale fresh");
    let summary = command(&mut client, "metascript.runStale", json!({ "uri": URI }));
    let ran: Vec<_> = summary["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| cell["cell"].clone())
        .collect();
    assert_eq!(ran, [0, 1, 2]);
    assert_eq!(stale(&mut client, 0), "");
    let nothing = command(&mut client, "metascript.runStale", json!({ "uri": URI }));
    assert_eq!(nothing["cells"], json!([]));
}

#[test]
fn a_declared_value_and_a_new_run_make_what_read_them_stale() {
    let mut client = start();
    client.open(URI, SCRIPT);
    run_all(&mut client);
    let script = replace(&mut client, 2, SCRIPT, "value: 10", "value: 11");
    insta::assert_snapshot!(stale(&mut client, 3), @r"
    0: `base` has another value
    1: `total` comes from cell 0, which is stale
    2: `twice` comes from cell 1, which is stale
    ");
    // Taken back, everything holds again, also behind a new cell.
    replace(&mut client, 3, &script, "value: 11", "value: 10");
    assert_eq!(stale(&mut client, 0), "");
    let script = replace(
        &mut client,
        4,
        SCRIPT,
        "PYTHON {\n    total",
        "PYTHON {\n    first = 0\n}\nPYTHON {\n    total",
    );
    assert_eq!(states(&mut client), "never fresh fresh fresh fresh");
    command(
        &mut client,
        "metascript.runCell",
        json!({ "uri": URI, "cell": 1 }),
    );
    insta::assert_snapshot!(stale(&mut client, 2), @r"
    2: `total` comes from cell 1, which has run since
    3: `twice` comes from cell 2, which is stale
    ");
    // A restart forgets what the cells made.
    command(&mut client, "metascript.restart", json!({ "uri": URI }));
    assert_eq!(stale(&mut client, 0), "");
    assert_eq!(states(&mut client), "never never never never never");
    drop(script);
}
