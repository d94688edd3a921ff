//! A long editing session, reproducible from its seed: 10,000 edits and requests.

use metascript_tests::lsp::Client;
use serde_json::{Value, json};

use crate::modern;

const URI: &str = "file:///stress.tars";

/// Steps of the session.
const STEPS: usize = 10_000;

/// A generator with a fixed seed (SplitMix64, <https://prng.di.unimi.it/splitmix64.c>).
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }
}

/// The client's text, as lines.
struct Text(Vec<String>);

impl Text {
    fn place(&self, random: &mut Seeded) -> (usize, usize) {
        let line = random.below(self.0.len());
        (line, random.below(self.0[line].chars().count() + 1))
    }

    fn replace(&mut self, line: usize, from: usize, to: usize, new: &str) {
        let old: Vec<char> = self.0[line].chars().collect();
        let head: String = old[..from].iter().collect();
        let tail: String = old[to..].iter().collect();
        let lines: Vec<String> = format!("{head}{new}{tail}")
            .split('\n')
            .map(str::to_owned)
            .collect();
        self.0.splice(line..=line, lines);
    }

    fn units(&self, line: usize, character: usize) -> usize {
        self.0[line]
            .chars()
            .take(character)
            .map(char::len_utf16)
            .sum()
    }
}

const PIECES: [&str; 16] = [
    "x",
    "{",
    "}",
    "\"",
    "\n",
    "    ",
    "${",
    "}",
    "VARIABLE y {\n    value: 1\n}\n",
    "PYTHON {\n    a = 1\n}\n",
    "🔄",
    "é",
    ": ",
    "[1, 2]",
    "// note\n",
    "'''",
];

const AT_PLACE: [&str; 8] = [
    "textDocument/completion",
    "textDocument/hover",
    "textDocument/definition",
    "textDocument/documentHighlight",
    "textDocument/prepareRename",
    "textDocument/signatureHelp",
    "textDocument/linkedEditingRange",
    "textDocument/prepareCallHierarchy",
];

const OF_DOCUMENT: [&str; 6] = [
    "textDocument/documentSymbol",
    "textDocument/foldingRange",
    "textDocument/codeLens",
    "textDocument/diagnostic",
    "textDocument/semanticTokens/full",
    "textDocument/documentLink",
];

/// Answers that a correct server may give while the text changes or where nothing can be done.
fn acceptable(error: &Value) -> bool {
    // ContentModified, and RequestFailed with its reason.
    error["code"] == -32801 || error["code"] == -32803
}

#[test]
fn ten_thousand_steps_leave_the_server_well() {
    let mut random = Seeded(2026);
    let mut client = Client::start(env!("CARGO_BIN_EXE_metascript"), modern(), Value::Null);
    let start = std::fs::read_to_string(metascript_tests::fixture("hello.tars")).unwrap();
    let mut text = Text(start.split('\n').map(str::to_owned).collect());
    client.open(URI, &start);
    let mut version = 1;
    let mut waiting: Vec<i64> = Vec::new();
    let mut early = 0;
    for step in 0..STEPS {
        if random.below(2) == 0 {
            version += 1;
            let (line, character) = text.place(&mut random);
            let length = text.0[line].chars().count();
            let large = text.0.len() > 400;
            let gone = if large || random.below(3) == 0 {
                random.below(8).min(length - character)
            } else {
                0
            };
            let piece = if large {
                ""
            } else {
                PIECES[random.below(PIECES.len())]
            };
            let (start, end) = (
                text.units(line, character),
                text.units(line, character + gone),
            );
            // A text that has grown large loses a line and the break after it.
            let (range, new) = if large && line + 1 < text.0.len() {
                text.0.remove(line);
                (
                    json!({ "start": { "line": line, "character": 0 }, "end": { "line": line + 1, "character": 0 } }),
                    "",
                )
            } else {
                text.replace(line, character, character + gone, piece);
                (
                    json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } }),
                    piece,
                )
            };
            client.notify(
                "textDocument/didChange",
                json!({
                    "textDocument": { "uri": URI, "version": version },
                    "contentChanges": [{ "range": range, "text": new }],
                }),
            );
        } else {
            let (line, character) = text.place(&mut random);
            let character = text.units(line, character);
            let mut params = json!({ "textDocument": { "uri": URI } });
            let method = if random.below(2) == 0 {
                params["position"] = json!({ "line": line, "character": character });
                AT_PLACE[random.below(AT_PLACE.len())]
            } else {
                OF_DOCUMENT[random.below(OF_DOCUMENT.len())]
            };
            waiting.push(client.send_request(method, params));
        }
        // An editor has a few requests under way, not thousands.
        while waiting.len() > 32 || (step + 1 == STEPS && !waiting.is_empty()) {
            let answer = client.answer(waiting.remove(0));
            assert!(
                answer.get("error").is_none_or(acceptable),
                "step {step}: {answer}"
            );
        }
        if step == STEPS / 5 {
            early = client.memory();
        }
    }
    assert_eq!(client.server_text(URI), text.0.join("\n"));
    let late = client.memory();
    assert!(
        late < early + 64 * 1024 * 1024,
        "memory grew from {early} to {late} bytes"
    );
    assert_eq!(client.shut_down(), Some(0));
}
