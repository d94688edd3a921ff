//! End-to-end tests: the real server process over its real transport.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod ai;
mod bad_clients;
mod clients;
mod features;
mod fsharp;
mod kept;
mod notebooks;
mod operations;
mod order;
mod requests;
mod resolving;
mod running;
mod stale;
mod stress;
mod workspace;

use metascript_tests::lsp::Client;
use serde_json::{Value, json};

/// The capabilities of a client that can do everything these tests use.
fn modern() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-16"] },
        "textDocument": {
            "diagnostic": { "relatedDocumentSupport": false },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
            "completion": { "completionItem": { "snippetSupport": true } }
        }
    })
}

fn start() -> Client {
    start_with(modern(), Value::Null)
}

fn start_with(capabilities: Value, options: Value) -> Client {
    Client::start(env!("CARGO_BIN_EXE_metascript"), capabilities, options)
}
