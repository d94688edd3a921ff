//! `metascript/audit`: what cells did, and whether the log of it is whole.

use std::sync::Arc;

use metascript_sandbox::AuditLog;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::state::State;

/// Entries that go over the wire.
const MOST: usize = 5_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    /// How many of the last entries.
    limit: Option<usize>,
}

/// The end of the audit log, as docs/protocol.md describes it.
#[derive(Debug, Serialize)]
pub(crate) struct Audit {
    folder: String,
    /// Entries of the whole log.
    lines: u64,
    /// What is wrong with it, a line each.
    troubles: Vec<String>,
    /// The last entries, the oldest first.
    entries: Vec<Value>,
}

pub(crate) async fn handle(state: &Arc<State>, params: Params) -> Result<Audit> {
    let limit = params.limit.unwrap_or(500).min(MOST);
    state
        .detached(move || read(limit))
        .await?
        .map_err(|error| Error {
            message: format!("the audit log cannot be read: {error}").into(),
            ..Error::internal_error()
        })
}

fn read(limit: usize) -> std::io::Result<Audit> {
    let log = AuditLog::open()?;
    let report = log.verify()?;
    Ok(Audit {
        folder: log.folder().display().to_string(),
        lines: report.lines,
        troubles: report.troubles.iter().map(ToString::to_string).collect(),
        entries: log.last(limit)?,
    })
}
