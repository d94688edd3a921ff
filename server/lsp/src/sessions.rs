//! Live sessions, one per script. Each has a thread of its own (see [`crate::worker`]); this module
//! gives it work and steers it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use metascript_analysis::freshness::CellFace;
use metascript_sandbox::operations::{Fault, Operation};
use metascript_sandbox::packages::Packages;
use metascript_sandbox::{
    AuditLog, CellSource, Completion, Engine, EngineOptions, Language, Limits, SessionOptions,
    Value, VariableInfo,
};
use serde::Serialize;
use tokio::sync::oneshot;
use tower_lsp_server::Client;

use crate::assistant::Assistant;
use crate::cell_services::CellServices;
use crate::kept::Keeper;
use crate::operating::OperationSender;
use crate::options::{Options, RunOptions};
use crate::output::{CellEvent, CellRun, CellStatus, OutputSender};
use crate::run_policy::run_policy;
use crate::runner::Sandbox;
use crate::stale::RunLog;
use crate::status::{SessionState, StatusSender};
use crate::uri;
use crate::worker::{Control, Job, Worker};

/// A cell that is about to run.
pub(crate) struct PlannedCell {
    pub(crate) run: CellRun,
    pub(crate) source: CellSource,
    /// Why the security policy keeps it from running, and the byte of its code that this is about.
    pub(crate) blocked: Option<(String, usize)>,
    /// What it reads and gives, to tell later whether its result still holds.
    pub(crate) face: CellFace,
    /// The values that the script declares.
    pub(crate) declared: Arc<[(String, Value)]>,
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
    /// Variables that went with the cell's runtime.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lost: Vec<String>,
}

/// The variables of a session.
pub(crate) enum Held {
    /// There is no session.
    NoSession,
    /// A cell runs.
    Busy,
    /// They are on their way.
    Asked(oneshot::Receiver<Vec<VariableInfo>>),
}

/// An operation that a client asks for.
pub(crate) struct Work {
    pub(crate) operation: Operation,
    pub(crate) params: serde_json::Value,
    /// What the client calls it, for its output.
    pub(crate) token: Option<serde_json::Value>,
    /// The values that the script declares.
    pub(crate) declared: Arc<[(String, Value)]>,
}

/// The answer to an operation.
pub(crate) type Done = std::result::Result<serde_json::Value, Fault>;

/// What the rest of the server keeps of a session.
struct Handle {
    jobs: Sender<Job>,
    control: Arc<Control>,
}

/// All sessions of the server.
pub(crate) struct Sessions {
    live: Mutex<HashMap<String, Handle>>,
    settings: OnceLock<Settings>,
    output: OutputSender,
    /// Set where results are kept.
    keeper: Arc<OnceLock<Keeper>>,
    status: StatusSender,
    operations: OperationSender,
    next_run: AtomicU64,
    /// Whom cells may ask, as far as their policy allows.
    assistant: Arc<Assistant>,
    run_log: RunLog,
}

/// Options of a session and notes for people, or why it cannot be.
pub(crate) type Setup = std::result::Result<(SessionOptions, Vec<String>), String>;

/// What `initialize` asked for.
#[derive(Clone, Default)]
struct Settings {
    runtimes: Option<PathBuf>,
    run: RunOptions,
    engine: Arc<OnceLock<std::result::Result<Engine, String>>>,
}

/// Interrupts its run when it is dropped before the run is over: that is what `$/cancelRequest` does
/// to the future that holds it.
pub(crate) struct Ticket {
    control: Arc<Control>,
    job: u64,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.control.cancel(self.job);
    }
}

impl Sessions {
    pub(crate) fn new(client: Client, assistant: Arc<Assistant>, run_log: RunLog) -> Self {
        let keeper = Arc::default();
        Self {
            run_log,
            assistant,
            live: Mutex::default(),
            settings: OnceLock::new(),
            output: OutputSender::start(client.clone(), Arc::clone(&keeper)),
            keeper,
            operations: OperationSender::start(client.clone()),
            status: StatusSender::start(client),
            next_run: AtomicU64::new(1),
        }
    }

    /// Takes the client's options; the first call wins.
    pub(crate) fn configure(&self, options: &Options) {
        let _ = self.settings.set(Settings {
            runtimes: options.runtimes_path.clone(),
            run: options.run.clone(),
            engine: Arc::default(),
        });
        if options.run.keep_outputs && options.run.enabled {
            let _ = self.keeper.set(Keeper::start());
        }
    }

    /// What keeps results, where somebody asked for that.
    pub(crate) fn keeper(&self) -> Option<&Keeper> {
        self.keeper.get()
    }

    /// A number for a run, never given before.
    pub(crate) fn next_run(&self) -> u64 {
        self.next_run.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether a cell of a script runs or waits to.
    pub(crate) fn is_busy(&self, uri: &str) -> bool {
        self.live()
            .get(uri)
            .is_some_and(|handle| handle.control.is_busy())
    }

    /// Canonical names of the languages that can run. Rust can where a toolchain is.
    pub(crate) fn languages() -> Vec<&'static str> {
        Language::ALL
            .iter()
            .filter(|language| {
                **language != Language::Rust || metascript_sandbox::rust_toolchain().is_ok()
            })
            .map(|language| language.as_str())
            .collect()
    }

    /// The engine and the limits, for cells outside of any script's session.
    pub(crate) fn sandbox(&self) -> Sandbox {
        let settings = self.settings.get().cloned().unwrap_or_default();
        let mut limits = Limits::default();
        settings.limit(&mut limits);
        Sandbox::new(move || settings.engine(), limits)
    }

    /// Makes the engine of the process, or gives the one that is there. It may take a while.
    pub(crate) fn make_engine(
        &self,
    ) -> impl FnOnce() -> std::result::Result<Engine, String> + Send + 'static {
        let settings = self.settings.get().cloned().unwrap_or_default();
        move || settings.engine()
    }

    /// Runs cells one after the other in the session of a script, which is made if need be.
    pub(crate) fn run(
        &self,
        uri: &str,
        mut cells: Vec<PlannedCell>,
    ) -> (Ticket, oneshot::Receiver<RunSummary>) {
        for cell in &mut cells {
            cell.run.run = self.next_run();
            self.output.send(&cell.run, CellEvent::Queued);
        }
        let (reply, summary) = oneshot::channel();
        (
            self.enqueue(uri, |job| Job::Run { job, cells, reply }),
            summary,
        )
    }

    /// Does an operation in the session of a script, which is made if need be, after what was asked before.
    pub(crate) fn operate(&self, uri: &str, work: Work) -> (Ticket, oneshot::Receiver<Done>) {
        let (reply, done) = oneshot::channel();
        (
            self.enqueue(uri, |job| Job::Operate { job, work, reply }),
            done,
        )
    }

    /// Gives the session of a script, which is made if need be, work with a number of its own.
    fn enqueue(&self, uri: &str, work: impl FnOnce(u64) -> Job) -> Ticket {
        let mut live = self.live();
        let handle = live
            .entry(uri.to_owned())
            .or_insert_with(|| self.start(uri));
        let job = handle.control.next_job();
        let ticket = Ticket {
            control: Arc::clone(&handle.control),
            job,
        };
        // If the thread is gone the reply is dropped with the job, and the caller is told.
        let _ = handle.jobs.send(work(job));
        ticket
    }

    /// Waits until the output of operations so far is sent.
    pub(crate) async fn sent(&self) {
        self.operations.sent().await;
    }

    /// Names of variables that a script's session lost with a runtime and that no cell has made since.
    pub(crate) fn lost(&self, uri: &str) -> Vec<String> {
        self.live()
            .get(uri)
            .map(|handle| handle.control.lost())
            .unwrap_or_default()
    }

    /// Asks the live session of a script what can stand between two texts of a cell. `None` when there is none, or it is
    /// busy: nobody waits for a cell to end before the list of members opens.
    pub(crate) fn complete(
        &self,
        uri: &str,
        language: Language,
        before: String,
        after: String,
    ) -> Option<oneshot::Receiver<Vec<Completion>>> {
        let live = self.live();
        let handle = live.get(uri).filter(|handle| !handle.control.is_busy())?;
        let (reply, found) = oneshot::channel();
        let job = Job::Complete {
            language,
            before,
            after,
            reply,
        };
        handle.jobs.send(job).ok().map(|()| found)
    }

    /// Asks the live session of a script for its variables.
    pub(crate) fn variables(&self, uri: &str) -> Held {
        let live = self.live();
        let Some(handle) = live.get(uri) else {
            return Held::NoSession;
        };
        if handle.control.is_busy() {
            return Held::Busy;
        }
        let (reply, found) = oneshot::channel();
        match handle.jobs.send(Job::Variables { reply }) {
            Ok(()) => Held::Asked(found),
            Err(_) => Held::NoSession,
        }
    }

    /// Stops the running cell of a script and what waits behind it. `false` when nothing runs.
    pub(crate) fn interrupt(&self, uri: &str) -> bool {
        self.live()
            .get(uri)
            .is_some_and(|handle| handle.control.cancel_all())
    }

    /// Ends what a session does and forgets its variables.
    pub(crate) fn restart(&self, uri: &str) {
        self.run_log.forget(uri);
        if let Some(handle) = self.live().get(uri) {
            handle.control.cancel_all();
            let _ = handle.jobs.send(Job::Restart);
        } else {
            self.status.send(uri, SessionState::Restarted);
        }
    }

    /// Ends the session of a script.
    pub(crate) fn end(&self, uri: &str) {
        if let Some(handle) = self.live().remove(uri) {
            handle.control.cancel_all();
        }
    }

    /// Ends all sessions.
    pub(crate) fn end_all(&self) {
        for (_, handle) in self.live().drain() {
            handle.control.cancel_all();
        }
    }

    fn start(&self, uri: &str) -> Handle {
        let settings = self.settings.get().cloned().unwrap_or_default();
        let (jobs, receiver) = channel();
        let control = Arc::new(Control::default());
        let worker = Worker {
            uri: uri.to_owned(),
            jobs: receiver,
            control: Arc::clone(&control),
            output: self.output.clone(),
            status: self.status.clone(),
            setup: settings.session(uri, &self.assistant),
            operations: self.operations.clone(),
            run_log: self.run_log.clone(),
        };
        let spawned = std::thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || worker.work(&settings.engine()));
        if let Err(error) = spawned {
            tracing::error!("a session's thread could not start: {error}");
        }
        Handle { jobs, control }
    }

    fn live(&self) -> MutexGuard<'_, HashMap<String, Handle>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Settings {
    /// The limits that the client named take the place of the policy's.
    fn limit(&self, limits: &mut Limits) {
        if let Some(time) = self.run.time_limit_ms {
            limits.wall_time = Duration::from_millis(time.max(1));
        }
        if let Some(memory) = self.run.memory_limit_mb {
            limits.memory = usize::try_from(memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
        }
    }

    /// How a script's session is set up, and what people must know before its first cell runs; or why there can be none.
    fn session(&self, uri: &str, assistant: &Arc<Assistant>) -> Setup {
        let folder = uri::folder(uri);
        let mut found = run_policy(folder.as_deref(), self.run.policy.as_deref())?;
        self.limit(&mut found.policy.limits);
        let (packages, problems) = Packages::open(folder.as_deref());
        found.notes.extend(problems);
        let audit = AuditLog::open();
        if let Err(error) = &audit {
            found
                .notes
                .push(format!("the audit log cannot be written: {error}"));
            // What cannot be noted is not done.
            found.policy.confine();
        }
        let assistant = Arc::clone(assistant);
        let services = CellServices::new(move || {
            let assistant = Arc::clone(&assistant);
            Box::pin(async move { assistant.ready().await.cloned() })
        });
        let options = SessionOptions {
            services: Some(Arc::new(services)),
            policy: found.policy,
            folder,
            audit: audit.ok(),
            origin: "metascript lsp".to_owned(),
            seed: None,
            packages,
        };
        Ok((options, found.notes))
    }

    /// The engine of the process, made by the first session that needs it.
    fn engine(&self) -> std::result::Result<Engine, String> {
        self.engine
            .get_or_init(|| {
                Engine::new(EngineOptions {
                    runtimes: self.runtimes.clone(),
                    ..EngineOptions::default()
                })
                .map_err(|error| error.to_string())
            })
            .clone()
    }
}
