//! Live sessions, one per script: a thread that owns the sandbox session and runs cells in order.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use metascript_sandbox::{
    CellSource, Engine, EngineConfig, Event, InterruptHandle, Limits, Outcome, Session, Status, Stream,
};
use serde::Serialize;
use tokio::sync::oneshot;
use tower_lsp_server::Client;

use crate::options::Options;
use crate::output::{CellEvent, CellRun, CellStatus, OutputSender, StreamName};
use crate::status::{SessionState, StatusSender};

/// A cell that is about to run.
pub(crate) struct PlannedCell {
    pub(crate) run: CellRun,
    pub(crate) code: String,
    pub(crate) first_line: u32,
    pub(crate) file_name: String,
}

/// The answer to a run command.
#[derive(Debug, Serialize)]
pub(crate) struct RunSummary {
    status: &'static str,
    cells: Vec<CellSummary>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CellSummary {
    cell: usize,
    run: u64,
    status: CellStatus,
    duration_us: u64,
}

/// All sessions of the server.
pub(crate) struct Sessions {
    live: Mutex<HashMap<String, Handle>>,
    engine: OnceLock<Arc<Engine>>,
    limits: OnceLock<Limits>,
    runtimes: OnceLock<Option<PathBuf>>,
    output: OutputSender,
    status: StatusSender,
    next_run: AtomicU64,
}
