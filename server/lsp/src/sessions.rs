//! Live sessions, one per script: a thread that owns the sandbox session and runs cells in order.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use metascript_sandbox::{Engine, InterruptHandle, Limits};
use serde::Serialize;
use tokio::sync::oneshot;
use tower_lsp_server::Client;

use crate::options::Options;
use crate::output::{CellEvent, CellRun, CellStatus, OutputSender};
use crate::status::{SessionState, StatusSender};
use crate::worker;

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
    pub(crate) status: RunStatus,
    pub(crate) cells: Vec<CellSummary>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum RunStatus {
    Ok,
    Failed,
    Interrupted,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CellSummary {
    pub(crate) cell: usize,
    pub(crate) run: u64,
    pub(crate) status: CellStatus,
    pub(crate) duration_us: u64,
}

/// Work for a session's thread.
pub(crate) enum Job {
    Run {
        cells: Vec<PlannedCell>,
        /// Set when the client no longer wants the answer.
        cancelled: Arc<AtomicBool>,
        reply: oneshot::Sender<RunSummary>,
    },
    Restart,
}

/// What the rest of the server keeps of a session.
struct Handle {
    jobs: Sender<Job>,
    control: Arc<Control>,
}

/// Shared between a session's thread and those who steer it.
#[derive(Default)]
pub(crate) struct Control {
    /// Set once the thread has made its session.
    pub(crate) interrupt: OnceLock<InterruptHandle>,
    /// How often the user asked to stop; jobs older than that are not begun.
    pub(crate) busy: AtomicBool,
}

/// All sessions of the server.
pub(crate) struct Sessions {
    live: Mutex<HashMap<String, Handle>>,
    engine: OnceLock<Arc<Engine>>,
    limits: OnceLock<Limits>,
    output: OutputSender,
    status: StatusSender,
    next_run: AtomicU64,
}

impl Sessions {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            live: Mutex::default(),
            engine: OnceLock::new(),
            limits: OnceLock::new(),
            output: OutputSender::start(client.clone()),
            status: StatusSender::start(client),
            next_run: AtomicU64::new(1),
        }
    }
}
