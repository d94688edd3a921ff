//! What many scripts cost: memory of those that are open, time to index those on disk.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use metascript_tests::lsp::Client;
use serde_json::{Value, json};

use crate::{measure, texts};

const MIB: u64 = 1024 * 1024;

/// How many parts of 25 lines the scripts have, in turns: most have about a hundred lines, as public ones do, and few have
/// several times that.
const PARTS: [usize; 11] = [1, 2, 3, 3, 4, 4, 4, 5, 6, 9, 14];

/// More parts than any script has.
const MOST_PARTS: usize = 16;

/// A script, none like another.
fn script(number: usize) -> String {
    let count = PARTS[number % PARTS.len()];
    let parts = (0..count).map(|part| texts::script_part(number * MOST_PARTS + part));
    format!(
        "DESCRIBE {{\n    name: \"script {number}\"\n}}\n\n{}",
        parts.collect::<String>()
    )
}

fn start(binary: &Path, folders: &Value) -> Client {
    let mut command = Command::new(binary);
    command.arg("lsp");
    let mut client = Client::spawn_command(command);
    client.request(
        "initialize",
        json!({ "processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": measure::capabilities() }),
    );
    client.notify("initialized", json!({}));
    client
}

/// What an editor asks for when it opens a script.
fn look_at(client: &mut Client, uri: &str) {
    for method in [
        "textDocument/diagnostic",
        "textDocument/documentSymbol",
        "textDocument/foldingRange",
        "textDocument/semanticTokens/full",
        "textDocument/codeLens",
    ] {
        client.request(method, json!({ "textDocument": { "uri": uri } }));
    }
}

/// Opens many scripts, asks about each what an editor asks, and says what memory the server has.
pub(crate) fn open_scripts(binary: &Path, count: usize) {
    let mut client = start(binary, &Value::Null);
    client.open("file:///first.tars", &script(0));
    look_at(&mut client, "file:///first.tars");
    let before = client.memory();
    let mut bytes = 0;
    for number in 0..count {
        let uri = format!("file:///open/{number}.tars");
        let text = script(number);
        bytes += text.len() as u64;
        client.open(&uri, &text);
        look_at(&mut client, &uri);
    }
    let after = client.memory();
    println!(
        "\n{count} open scripts ({} KiB of text), each looked at once: {} MiB above the {} MiB of a server with one script",
        bytes / 1024,
        after.saturating_sub(before) / MIB,
        before / MIB
    );
}

/// Lets the server index many scripts and asks it something meanwhile.
pub(crate) fn index(binary: &Path, count: usize) {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..count {
        let below = folder.path().join(format!("part{}", number % 50));
        std::fs::create_dir_all(&below).unwrap();
        std::fs::write(below.join(format!("{number}.tars")), script(number)).unwrap();
    }
    let root = format!("file://{}", folder.path().display());
    let started = Instant::now();
    let mut client = start(binary, &json!([{ "uri": root, "name": "many" }]));
    client.open("file:///asked.tars", "VARIABLE a {\n    value: 1\n}\n");
    let mut answers: Vec<Duration> = Vec::new();
    // The symbol of the last script is found when all are indexed.
    let last = format!("Order_{}", (count - 1) * MOST_PARTS);
    let hover = json!({ "textDocument": { "uri": "file:///asked.tars" }, "position": { "line": 0, "character": 3 } });
    let mut known = None;
    loop {
        let asked = Instant::now();
        client.request("textDocument/hover", hover.clone());
        answers.push(asked.elapsed());
        let ended = |told: &Value, what: &str| {
            told["value"]["kind"] == "end"
                && told["token"]
                    .as_str()
                    .is_some_and(|token| token.contains(what))
        };
        if client.try_notification("$/progress", |told| ended(told, "Indexing")) {
            known = Some((started.elapsed(), client.processor_time()));
        }
        let whole = client.try_notification("$/progress", |told| ended(told, "Reading"));
        if whole || started.elapsed() > Duration::from_mins(2) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let (wall, processor) = (started.elapsed(), client.processor_time());
    let asked = Instant::now();
    let found = client.request("workspace/symbol", json!({ "query": last }));
    let first_search = asked.elapsed();
    assert_eq!(found[0]["name"], last.as_str(), "the last script is known");
    answers.sort_unstable();
    let (first, first_processor) = known.unwrap_or((wall, processor));
    println!(
        "index of {count} scripts: blocks and imports after {:.2} s of wall time from the start and {:.2} s of processor time, \
         names inside cells after {:.2} s and {:.2} s; hover meanwhile: {} answers, \
         median {:.1} ms, slowest {:.1} ms; first workspace symbol search afterwards {:.2} s; {} MiB",
        first.as_secs_f64(),
        first_processor.as_secs_f64(),
        wall.as_secs_f64(),
        processor.as_secs_f64(),
        answers.len(),
        answers[answers.len() / 2].as_secs_f64() * 1000.0,
        answers.last().map_or(0.0, Duration::as_secs_f64) * 1000.0,
        first_search.as_secs_f64(),
        client.memory() / MIB,
    );
}
