//! The thread of one session: it owns the sandbox session and runs cells in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use metascript_sandbox::operations::{self, COULD_NOT, Desk, Fault};
use metascript_sandbox::{
    Bundle, Completion, Content, Engine, Event, InterruptHandle, Language, Session, Status,
    StreamName as Stream, VariableInfo,
};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::operating::OperationSender;
use crate::output::{CellEvent, CellStatus, OutputSender, StreamName};
use crate::run_policy::run_policy;
use crate::sessions::{CellSummary, Done, PlannedCell, RunStatus, RunSummary, Setup, Work};
use crate::stale::RunLog;
use crate::status::{SessionState, StatusSender};
use crate::uri;

/// Work for a session's thread.
pub(crate) enum Job {
    Run {
        job: u64,
        cells: Vec<PlannedCell>,
        reply: oneshot::Sender<RunSummary>,
    },
    Restart,
    /// What a client asked of the session.
    Operate {
        job: u64,
        work: Work,
        reply: oneshot::Sender<Done>,
    },
    /// What can stand between two texts of a cell, by the live state.
    Complete {
        language: Language,
        before: String,
        after: String,
        reply: oneshot::Sender<Vec<Completion>>,
    },
    /// What the session holds.
    Variables {
        reply: oneshot::Sender<Vec<VariableInfo>>,
    },
}

/// Shared between a session's thread and those who steer it. Jobs are numbered from 1.
#[derive(Default)]
pub(crate) struct Control {
    issued: AtomicU64,
    running: Mutex<Running>,
    /// Variables that went with a runtime and that no cell has made since.
    lost: Mutex<BTreeSet<String>>,
}

#[derive(Default)]
struct Running {
    /// The job in hand; 0 when the thread waits.
    job: u64,
    /// The last job that is over. Jobs are done in the order of their numbers.
    finished: u64,
    /// Jobs up to this number are not wanted any more.
    cancelled_up_to: u64,
    /// Single jobs that are not wanted any more.
    cancelled: Vec<u64>,
    interrupt: Option<InterruptHandle>,
}

impl Running {
    fn is_cancelled(&self, job: u64) -> bool {
        job <= self.cancelled_up_to || self.cancelled.contains(&job)
    }

    fn interrupt(&self) -> bool {
        self.interrupt
            .as_ref()
            .is_some_and(InterruptHandle::interrupt)
    }
}

impl Control {
    pub(crate) fn next_job(&self) -> u64 {
        self.issued.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn lost(&self) -> Vec<String> {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.iter().cloned().collect()
    }

    fn note(&self, lost: &[String], made: &[String]) {
        let mut names = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        names.extend(lost.iter().cloned());
        names.retain(|name| !made.contains(name));
    }

    fn forget(&self) {
        self.lost
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Whether a job runs or waits.
    pub(crate) fn is_busy(&self) -> bool {
        self.running().finished < self.issued.load(Ordering::Relaxed)
    }

    /// Stops one job, whether it runs, waits, or is over already.
    pub(crate) fn cancel(&self, job: u64) {
        let mut running = self.running();
        if running.finished >= job {
            return;
        }
        running.cancelled.push(job);
        if running.job == job {
            running.interrupt();
        }
    }

    /// Stops every job issued so far. `false` when none was running.
    pub(crate) fn cancel_all(&self) -> bool {
        let mut running = self.running();
        running.cancelled_up_to = self.issued.load(Ordering::Relaxed);
        running.interrupt();
        running.job != 0
    }

    fn is_cancelled(&self, job: u64) -> bool {
        self.running().is_cancelled(job)
    }

    fn begin(&self, job: u64) {
        self.running().job = job;
    }

    fn end(&self, job: u64) {
        let mut running = self.running();
        running.job = 0;
        running.finished = job;
        running.cancelled.retain(|&other| other > job);
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything that the thread needs.
pub(crate) struct Worker {
    pub(crate) uri: String,
    pub(crate) jobs: Receiver<Job>,
    pub(crate) control: Arc<Control>,
    pub(crate) output: OutputSender,
    pub(crate) status: StatusSender,
    pub(crate) operations: OperationSender,
    pub(crate) setup: Setup,
    pub(crate) run_log: RunLog,
}

impl Worker {
    /// Works until the server drops its end.
    pub(crate) fn work(mut self, engine: &Result<Engine, String>) {
        let mut session = self.session(engine);
        while let Ok(job) = self.jobs.recv() {
            match job {
                Job::Restart => {
                    drop(session);
                    session = self.session(engine);
                    self.control.forget();
                    self.status.send(&self.uri, SessionState::Restarted);
                }
                Job::Operate { job, work, reply } => {
                    self.control.begin(job);
                    self.status.send(&self.uri, SessionState::Busy);
                    let done = self.operate(&mut session, job, work);
                    self.control.end(job);
                    self.status.send(&self.uri, SessionState::Idle);
                    // The client may have cancelled and left.
                    let _ = reply.send(done);
                }
                Job::Complete {
                    language,
                    before,
                    after,
                    reply,
                } => {
                    let live = session.as_mut().ok();
                    let found = live.map(|live| live.complete(language, &before, &after));
                    let found = found.unwrap_or_else(|| Ok(Vec::new()));
                    let found = found.unwrap_or_else(|error| {
                        tracing::warn!("completing from a session: {error}");
                        Vec::new()
                    });
                    // The client may have typed on.
                    let _ = reply.send(found);
                }
                Job::Variables { reply } => {
                    let held = session.as_mut().map(Session::variables);
                    let held = held.unwrap_or_else(|_| Ok(Vec::new()));
                    let held = held.unwrap_or_else(|error| {
                        tracing::warn!("listing the variables of a session: {error}");
                        Vec::new()
                    });
                    let _ = reply.send(held);
                }
                Job::Run { job, cells, reply } => {
                    self.control.begin(job);
                    self.status.send(&self.uri, SessionState::Busy);
                    let summary = self.run_all(&mut session, job, &cells);
                    self.control.end(job);
                    self.status.send(&self.uri, SessionState::Idle);
                    // The client may have cancelled and left.
                    let _ = reply.send(summary);
                }
            }
        }
        self.status.send(&self.uri, SessionState::Ended);
    }

    fn session(&self, engine: &Result<Engine, String>) -> Result<Session, String> {
        let (options, _) = self.setup.as_ref().map_err(Clone::clone)?;
        let session = engine
            .as_ref()
            .map_err(Clone::clone)?
            .session_with(options.clone());
        self.control.running().interrupt = Some(session.interrupt_handle());
        Ok(session)
    }

    /// Does an operation; what its cells print goes out as it comes.
    fn operate(&mut self, session: &mut Result<Session, String>, job: u64, work: Work) -> Done {
        let fault = |message: String| Fault {
            code: COULD_NOT,
            message,
        };
        if self.control.is_cancelled(job) {
            return Err(fault("interrupted".to_owned()));
        }
        let session = session.as_mut().map_err(|error| fault(error.clone()))?;
        for (name, reason) in session.declare(&work.declared) {
            tracing::warn!(name, reason, "a declared value is not set");
        }
        let send = |event| self.operations.send(&self.uri, work.token.as_ref(), event);
        // Said once, with the session's first output.
        let mut notes = match &mut self.setup {
            Ok((_, notes)) => std::mem::take(notes),
            Err(_) => Vec::new(),
        };
        let folder = uri::folder(&self.uri);
        // What cannot be noted is not done.
        let audited = matches!(&self.setup, Ok((options, _)) if options.audit.is_some());
        let policies = |name: Option<&str>| {
            run_policy(folder.as_deref(), name).map(|mut found| {
                if !audited {
                    found.policy.confine();
                }
                found.policy
            })
        };
        let mut sink = |event: Event| {
            let begins = event == Event::Started;
            if begins && self.control.is_cancelled(job) {
                self.control.running().interrupt();
            }
            if let Some(event) = operations::event(&event) {
                send(event);
            }
            if begins {
                for note in notes.drain(..) {
                    send(
                        json!({ "kind": "stream", "name": "stderr", "text": format!("{note}\n") }),
                    );
                }
            }
        };
        let done = (work.operation)(
            &mut Desk {
                session,
                policies: &policies,
                sink: &mut sink,
            },
            work.params,
        );
        if let Ok((_, kept)) = &mut self.setup {
            kept.extend(notes);
        }
        if let Ok(answer) = &done {
            let names = |field: &str| -> Vec<String> {
                let listed = answer.get(field).and_then(Value::as_array);
                let texts = listed.into_iter().flatten().filter_map(Value::as_str);
                texts.map(str::to_owned).collect()
            };
            self.control.note(&names("lost"), &names("defined"));
        }
        done
    }

    fn run_all(
        &mut self,
        session: &mut Result<Session, String>,
        job: u64,
        cells: &[PlannedCell],
    ) -> RunSummary {
        let mut summary = RunSummary {
            status: RunStatus::Ok,
            cells: Vec::with_capacity(cells.len()),
        };
        for cell in cells {
            let stopped = summary.status != RunStatus::Ok || self.control.is_cancelled(job);
            let (status, duration_us, lost) = if stopped {
                (CellStatus::Interrupted, 0, Vec::new())
            } else {
                let (status, duration_us, lost) = self.run_one(session, job, cell);
                self.run_log.finished(
                    &self.uri,
                    cell.run.cell,
                    &cell.face,
                    &cell.declared,
                    status == CellStatus::Ok,
                );
                (status, duration_us, lost)
            };
            self.output.send(
                &cell.run,
                CellEvent::Finished {
                    status,
                    duration_us,
                    lost: lost.clone(),
                },
            );
            if summary.status == RunStatus::Ok {
                summary.status = match status {
                    CellStatus::Ok => RunStatus::Ok,
                    CellStatus::Interrupted => RunStatus::Interrupted,
                    _ => RunStatus::Failed,
                };
            }
            summary.cells.push(CellSummary {
                cell: cell.run.cell,
                run: cell.run.run,
                status,
                duration_us,
                lost,
            });
        }
        summary
    }

    fn run_one(
        &mut self,
        session: &mut Result<Session, String>,
        job: u64,
        cell: &PlannedCell,
    ) -> (CellStatus, u64, Vec<String>) {
        // Said once, in the output of the session's first cell.
        let mut notes = match &mut self.setup {
            Ok((_, notes)) => std::mem::take(notes),
            Err(_) => Vec::new(),
        };
        let mut sink = |event: Event| {
            let begins = event == Event::Started;
            // A wish to stop that came between the check above and the cell's first instruction.
            if event == Event::Started && self.control.is_cancelled(job) {
                self.control.running().interrupt();
            }
            if let Some(event) = convert(event) {
                self.output.send(&cell.run, event);
            }
            if begins {
                for note in notes.drain(..) {
                    self.output.send(&cell.run, stderr(format!("{note}\n")));
                }
            }
        };
        let outcome = match session {
            Ok(session) => {
                for (name, reason) in session.declare(&cell.declared) {
                    tracing::warn!(name, reason, "a declared value is not set");
                }
                match &cell.blocked {
                    Some((reason, at)) => {
                        Ok(session.turn_away(&cell.source, reason, *at, &mut sink))
                    }
                    None => session
                        .evaluate(&cell.source, &mut sink)
                        .map_err(|error| error.to_string()),
                }
            }
            Err(error) => Err(error.clone()),
        };
        match outcome {
            Ok(outcome) => {
                if !outcome.lost.is_empty() {
                    self.output.send(&cell.run, lost(&outcome.lost));
                }
                self.control.note(&outcome.lost, &outcome.defined);
                let micros = u64::try_from(outcome.duration.as_micros()).unwrap_or(u64::MAX);
                (status(outcome.status), micros, outcome.lost)
            }
            Err(message) => {
                self.output.send(
                    &cell.run,
                    CellEvent::Error {
                        name: "CannotRun".to_owned(),
                        traceback: message.clone(),
                        message,
                        line: None,
                    },
                );
                (CellStatus::Failed, 0, Vec::new())
            }
        }
    }
}

/// Tells which variables went with a runtime that had to be replaced.
fn lost(names: &[String]) -> CellEvent {
    stderr(format!(
        "The runtime was replaced; these variables are gone: {}. Run the cells that make them again.\n",
        names.join(", ")
    ))
}

fn stderr(text: String) -> CellEvent {
    CellEvent::Stream {
        name: StreamName::Stderr,
        text,
    }
}

const fn status(status: Status) -> CellStatus {
    match status {
        Status::Ok => CellStatus::Ok,
        Status::Failed => CellStatus::Failed,
        Status::Interrupted => CellStatus::Interrupted,
        Status::TimedOut => CellStatus::TimedOut,
        Status::OutOfMemory => CellStatus::OutOfMemory,
    }
}

fn convert(event: Event) -> Option<CellEvent> {
    Some(match event {
        Event::Started => CellEvent::Started,
        Event::Stream { name, text } => CellEvent::Stream {
            name: match name {
                Stream::Stdout => StreamName::Stdout,
                Stream::Stderr => StreamName::Stderr,
            },
            text,
        },
        Event::Display(bundle) => CellEvent::Display { data: mime(bundle) },
        Event::Result(bundle) => CellEvent::Result { data: mime(bundle) },
        Event::Error(error) => CellEvent::Error {
            name: error.name,
            message: error.message,
            traceback: error.traceback,
            line: error.line,
        },
        _ => return None,
    })
}

/// A MIME bundle as JSON: text as it is, bytes in base64, as Jupyter has them.
fn mime(bundle: Bundle) -> BTreeMap<String, Value> {
    bundle
        .representations
        .into_iter()
        .map(|(name, content)| {
            let value = match content {
                Content::Text(text) => Value::String(text),
                Content::Binary(bytes) => Value::String(BASE64_STANDARD.encode(bytes)),
            };
            (name, value)
        })
        .collect()
}
