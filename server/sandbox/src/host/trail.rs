//! What a session writes to the audit log.

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Refused;
use crate::audit::AuditLog;
use crate::cache::hex;
use crate::event::{CellSource, Outcome};

/// A session's entries in the audit log, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    log: Option<AuditLog>,
    /// What each cell's first entry says besides: user, process, policy, origin.
    about: Value,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Names the running cell's entries.
    run: String,
    cells: u64,
    /// Why the log could not be written.
    fault: Option<String>,
}

impl Trail {
    pub(crate) fn new(log: Option<AuditLog>, about: Value) -> Self {
        Self {
            log,
            about,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the log could not be written, if it could not.
    pub(crate) fn fault(&self) -> Option<String> {
        self.state().fault.clone()
    }

    fn append(&self, event: &str, fields: &Value) {
        let Some(log) = &self.log else { return };
        let written = log.append(event, fields);
        if let Err(error) = &written {
            tracing::error!(%error, "the audit log cannot be written");
        }
        self.state().fault = written.err().map(|error| error.to_string());
    }

    /// A cell begins.
    pub(crate) fn begin(&self, cell: &CellSource) {
        if self.log.is_none() {
            return;
        }
        let run = {
            let mut state = self.state();
            state.cells += 1;
            state.run = run_name(state.cells);
            state.run.clone()
        };
        let mut fields = json!({
            "run": run,
            "script": cell.file,
            "line": cell.first_line + 1,
            "language": cell.language.as_str(),
            "sha256": hex(&Sha256::digest(cell.code.as_bytes())),
        });
        if let (Value::Object(fields), Value::Object(about)) = (&mut fields, &self.about) {
            fields.extend(about.clone());
        }
        self.append("cell.begin", &fields);
    }

    /// The cell is over.
    pub(crate) fn end(&self, outcome: &Outcome) {
        let run = self.state().run.clone();
        self.append(
            "cell.end",
            &json!({
                "run": run,
                "status": outcome.status.as_str(),
                "duration_us": u64::try_from(outcome.duration.as_micros()).unwrap_or(u64::MAX),
            }),
        );
    }

    /// The cell was not run.
    pub(crate) fn turned_away(&self, reason: &str) {
        let run = self.state().run.clone();
        self.append("cell.refused", &json!({ "run": run, "reason": reason }));
    }

    /// A call of the host, or its refusal.
    pub(crate) fn call(&self, operation: &str, target: &str, refused: Option<&Refused>) {
        const MOST: usize = 2000;
        if self.log.is_none() {
            return;
        }
        let run = self.state().run.clone();
        let target: String = target.chars().take(MOST).collect();
        let operation: String = operation.chars().take(MOST).collect();
        match refused {
            None => self.append(
                "host.call",
                &json!({ "run": run, "operation": operation, "target": target }),
            ),
            Some(refused) => self.append(
                "host.refused",
                &json!({
                    "run": run, "operation": operation, "target": target, "code": refused.code,
                    "reason": refused.message.chars().take(MOST).collect::<String>(),
                }),
            ),
        }
    }
}

/// A name for a cell's run that no other process and no other moment has.
fn run_name(cell: u64) -> String {
    let seed = format!("{:?} {} {cell}", SystemTime::now(), std::process::id());
    hex(&Sha256::digest(seed)).chars().take(12).collect()
}
