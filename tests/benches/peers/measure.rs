//! One server, one kind of request after the other.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use metascript_tests::lsp::Client;
use serde_json::{Value, json};

use crate::texts::{self, Seeded};

/// What is asked.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Completion,
    Hover,
    Definition,
    Symbols,
    TokensFull,
    TokensDelta,
    Diagnostics,
}

pub(crate) const KINDS: [Kind; 7] = [
    Kind::Completion,
    Kind::Hover,
    Kind::Definition,
    Kind::Symbols,
    Kind::TokensFull,
    Kind::TokensDelta,
    Kind::Diagnostics,
];

impl Kind {
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Kind::Completion => "completion",
            Kind::Hover => "hover",
            Kind::Definition => "definition",
            Kind::Symbols => "document symbols",
            Kind::TokensFull => "edit + semantic tokens",
            Kind::TokensDelta => "edit + tokens delta",
            Kind::Diagnostics => "keystroke to diagnostics",
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Kind::Completion => "textDocument/completion",
            Kind::Hover => "textDocument/hover",
            Kind::Definition => "textDocument/definition",
            Kind::Symbols => "textDocument/documentSymbol",
            Kind::TokensFull => "textDocument/semanticTokens/full",
            Kind::TokensDelta => "textDocument/semanticTokens/full/delta",
            Kind::Diagnostics => "textDocument/diagnostic",
        }
    }

    /// Where `initialize` says that the server has it.
    const fn capability(self) -> &'static str {
        match self {
            Kind::Completion => "/completionProvider",
            Kind::Hover => "/hoverProvider",
            Kind::Definition => "/definitionProvider",
            Kind::Symbols => "/documentSymbolProvider",
            Kind::TokensFull => "/semanticTokensProvider/full",
            Kind::TokensDelta => "/semanticTokensProvider/full/delta",
            Kind::Diagnostics => "/diagnosticProvider",
        }
    }

    /// Whether each request comes after a keystroke.
    const fn edits(self) -> bool {
        matches!(
            self,
            Kind::TokensFull | Kind::TokensDelta | Kind::Diagnostics
        )
    }
}

/// Milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// What editors say that they can do, as far as it changes what is sent.
pub(crate) fn capabilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "window": { "workDoneProgress": true },
        "textDocument": {
            "synchronization": {},
            "completion": { "completionItem": {
                "snippetSupport": true,
                "documentationFormat": ["markdown"],
                "resolveSupport": { "properties": ["documentation", "detail"] },
            } },
            "hover": { "contentFormat": ["markdown"] },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "semanticTokens": {
                "requests": { "full": { "delta": true }, "range": true },
                "tokenTypes": ["variable", "function", "class", "parameter", "property", "keyword", "string", "number", "comment"],
                "tokenModifiers": ["definition"], "formats": ["relative"],
            },
            "diagnostic": {},
        }
    })
}

pub(crate) struct Server {
    pub(crate) name: &'static str,
    command: Command,
    text: String,
    file: &'static str,
    language: &'static str,
}

impl Server {
    pub(crate) fn metascript(binary: &Path) -> Server {
        let mut command = Command::new(binary);
        command.arg("lsp");
        Server {
            name: "metascript",
            command,
            text: texts::metascript(),
            file: "main.tars",
            language: "metascript",
        }
    }

    pub(crate) fn peer(name: &'static str, binary: &Path) -> Server {
        let mut command = Command::new(binary);
        command.arg("server").stderr(std::process::Stdio::null());
        Server {
            name,
            command,
            text: texts::python(),
            file: "main.py",
            language: "python",
        }
    }

    /// Starts the server and opens the file in it.
    pub(crate) fn start(self) -> Session {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(self.file);
        std::fs::write(&path, &self.text).unwrap();
        let uri = format!("file://{}", path.display());
        let root = format!("file://{}", folder.path().display());
        let mut client = Client::spawn_command(self.command);
        client.answer_with("workspace/configuration", json!([{}]));
        let answer = client.request(
            "initialize",
            json!({
                "processId": null,
                "rootUri": root,
                "workspaceFolders": [{ "uri": root, "name": "bench" }],
                "capabilities": capabilities(),
            }),
        );
        client.notify("initialized", json!({}));
        client.notify(
            "textDocument/didOpen",
            json!({ "textDocument": { "uri": uri, "languageId": self.language, "version": 1, "text": self.text } }),
        );
        let has = |kind: Kind| {
            let found = answer["capabilities"].pointer(kind.capability());
            found.is_some_and(|value| !value.is_null() && *value != json!(false))
        };
        let kinds = KINDS.map(has);
        Session {
            name: self.name,
            kinds,
            client,
            uri,
            ends: texts::word_ends(&self.text),
            typed: Vec::new(),
            version: 1,
            tokens: None,
            _folder: folder,
        }
    }
}

/// A server with the file open.
pub(crate) struct Session {
    pub(crate) name: &'static str,
    /// Which of [`KINDS`] it has.
    kinds: [bool; KINDS.len()],
    client: Client,
    uri: String,
    ends: Vec<(usize, usize)>,
    /// Where something was typed that is still there.
    typed: Vec<(usize, usize)>,
    version: i32,
    /// The id of the last semantic tokens.
    tokens: Option<Value>,
    _folder: tempfile::TempDir,
}

/// How many requests one server gets before it is the next one's turn.
const TURN: usize = 25;

/// All kinds of requests to all servers, in turns: whatever else the machine does, it does it to each of them.
pub(crate) fn measure(sessions: &mut [Session], count: usize) -> Vec<Vec<Option<Figures>>> {
    let mut rows = Vec::new();
    for (row, kind) in KINDS.into_iter().enumerate() {
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); sessions.len()];
        let mut randoms: Vec<Seeded> = sessions.iter().map(|_| Seeded(42)).collect();
        // What is only slow the first time is not what a session feels like.
        let warm = count.div_ceil(20);
        while times
            .iter()
            .zip(&*sessions)
            .any(|(times, session)| session.kinds[row] && times.len() < count + warm)
        {
            for (number, session) in sessions.iter_mut().enumerate() {
                if session.kinds[row] {
                    let random = &mut randoms[number];
                    times[number].extend((0..TURN).map(|_| session.one(kind, random)));
                }
            }
        }
        rows.push(
            times
                .into_iter()
                .map(|times| Figures::of(times.get(warm..)?))
                .collect(),
        );
    }
    rows
}

impl Figures {
    fn of(times: &[f64]) -> Option<Figures> {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let at = |part: usize| times.get((times.len() * part) / 100).copied();
        Some(Figures {
            p50: at(50)?,
            p99: at(99)?,
        })
    }
}

impl Session {
    /// One request; answers how long it took, from the keystroke if there is one.
    fn one(&mut self, kind: Kind, random: &mut Seeded) -> f64 {
        let (line, character) = self.ends[random.below(self.ends.len())];
        let mut params = json!({ "textDocument": { "uri": self.uri } });
        match kind {
            Kind::Completion => {
                params["position"] = json!({ "line": line, "character": character });
            }
            Kind::Hover | Kind::Definition => {
                params["position"] = json!({ "line": line, "character": character - 1 });
            }
            _ => {}
        }
        if kind == Kind::TokensDelta {
            let id = self.tokens.take().unwrap_or_else(|| {
                let full = Kind::TokensFull.method();
                self.client.request(full, params.clone())["resultId"].clone()
            });
            params["previousResultId"] = id;
        }
        let started = Instant::now();
        if kind.edits() {
            self.keystroke(line, character);
        }
        let answer = self.client.request(kind.method(), params);
        let elapsed = started.elapsed().as_secs_f64() * 1000.0;
        if kind == Kind::TokensDelta {
            self.tokens = answer.get("resultId").cloned();
        }
        elapsed
    }

    /// Types a letter behind a word, or takes the last one back.
    fn keystroke(&mut self, line: usize, character: usize) {
        self.version += 1;
        let (from, to, text) = if let Some((line, at)) = self.typed.pop() {
            ((line, at), (line, at + 1), "")
        } else {
            self.typed.push((line, character));
            ((line, character), (line, character), "x")
        };
        self.client.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": self.uri, "version": self.version },
                "contentChanges": [{
                    "range": {
                        "start": { "line": from.0, "character": from.1 },
                        "end": { "line": to.0, "character": to.1 },
                    },
                    "text": text,
                }],
            }),
        );
    }
}
