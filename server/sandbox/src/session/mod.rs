//! The live runtimes of one script.

mod evaluate;
mod fill;
mod history;
mod questions;
mod reset;
mod rust;
mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;

use crate::audit::AuditLog;
use crate::control::Control;
use crate::deterministic::Source;
use crate::host::{self, Board, Host, Trail};
use crate::instance::{ANSWER_TIME, Instance};
use crate::output::Output;
use crate::packages::Packages;
use crate::policy::Policy;
use crate::rust::Kitchen;
use crate::services::Services;
use crate::state::Surroundings;
use crate::value::Value;
use crate::variables::Shared;
use crate::{Engine, Error, InterruptHandle, Language, Limits};
use history::History;

/// How to set up a [`Session`].
#[derive(Debug, Clone, Default)]
pub struct SessionOptions {
    /// What its cells may do.
    pub policy: Policy,
    /// The script's folder: where relative paths begin. Without it, the process's current one.
    pub folder: Option<PathBuf>,
    /// Where it is written what the cells did.
    pub audit: Option<AuditLog>,
    /// Who starts the session, for the audit log: for example `metascript run`.
    pub origin: String,
    /// Makes clock and random numbers depend on this seed alone, so that a run can be repeated to the same bytes.
    pub seed: Option<u64>,
    /// Language models and stores of vectors that its cells may ask, as far as the policy allows.
    pub services: Option<Arc<dyn Services>>,
    /// The packages that its cells can import.
    pub packages: Packages,
}

/// What the session of a script is made of that a cell of another session runs: the same policy, folder and agents.
#[derive(Clone)]
pub(crate) struct Nested {
    engine: Engine,
    options: SessionOptions,
    board: Arc<Board>,
    /// How many sessions stand around it.
    pub(crate) depth: usize,
}

impl std::fmt::Debug for Nested {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Nested")
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

impl Nested {
    /// A fresh session for a script of that name.
    pub(crate) fn session(self, script: &str) -> Session {
        let mut options = self.options;
        options.origin = format!("{} ({script})", host::RUN);
        Session::with_board(self.engine, options, self.board, self.depth)
    }
}

/// A set of runtimes, one per language at most, and the variables that they share.
///
/// Its methods block. Dropping it frees everything.
pub struct Session {
    engine: Engine,
    limits: Limits,
    options: SessionOptions,
    host: Arc<Host>,
    /// Clock and numbers of a repeatable session.
    source: Option<Source>,
    control: Arc<Control>,
    output: Output,
    /// Values that the script declared, as they were set last.
    declared: HashMap<String, Value>,
    history: History,
    // Boxed, because it travels into the store of the runtime that runs and back.
    shared: Option<Box<Shared>>,
    board: Arc<Board>,
    depth: usize,
    /// What Rust cells left behind.
    kitchen: Kitchen,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("limits", &self.limits)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(engine: Engine, options: SessionOptions) -> Self {
        Self::with_board(engine, options, Arc::default(), 0)
    }

    fn with_board(
        engine: Engine,
        options: SessionOptions,
        board: Arc<Board>,
        depth: usize,
    ) -> Self {
        Self {
            limits: options.policy.limits.clone(),
            host: Arc::new(make_host(&engine, &options, &board, depth)),
            engine,
            board,
            depth,
            source: options.seed.map(Source::new),
            options,
            control: Arc::default(),
            output: Output::default(),
            declared: HashMap::new(),
            history: History::default(),
            shared: None,
            kitchen: Kitchen::default(),
        }
    }

    /// A handle that stops the running cell from another thread.
    pub fn interrupt_handle(&self) -> InterruptHandle {
        InterruptHandle(Arc::clone(&self.control))
    }

    /// What the cells may do.
    pub fn policy(&self) -> &Policy {
        &self.options.policy
    }

    /// Changes what the cells may do, and the limits with it (see [`Session::set_limits`]).
    pub fn set_policy(&mut self, policy: Policy) {
        self.limits = policy.limits.clone();
        self.options.policy = policy;
        self.renew_host();
    }

    /// Makes the host as the options say now, for every runtime.
    fn renew_host(&mut self) {
        let host = make_host(&self.engine, &self.options, &self.board, self.depth);
        self.host = Arc::new(host);
        let host = Arc::clone(&self.host);
        for runtime in self.shared().runtimes.values_mut() {
            runtime.store.data_mut().host = Arc::clone(&host);
        }
    }

    /// The limits of the next cell.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Changes the limits. The memory limit holds for runtimes that start from now on; counting fuel needs a
    /// [`Session::restart`].
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Why the audit log could not be written, if it could not. Files and hosts are out of reach then.
    pub fn audit_fault(&self) -> Option<String> {
        self.host.trail().fault()
    }

    /// Forgets every runtime and every variable.
    pub fn restart(&mut self) {
        self.shared = None;
        self.kitchen = Kitchen::default();
        self.declared.clear();
        self.history = History::default();
        self.source = self.options.seed.map(Source::new);
    }

    /// Languages whose runtime lives.
    pub fn languages(&self) -> Vec<Language> {
        let mut languages: Vec<_> = self
            .shared
            .iter()
            .flat_map(|shared| shared.runtimes.keys().copied())
            .collect();
        languages.sort_unstable();
        languages
    }

    /// Linear memory of the live runtimes, in bytes.
    pub fn memory(&self) -> usize {
        self.shared
            .iter()
            .flat_map(|shared| shared.runtimes.values())
            .map(|runtime| runtime.store.data().limiter.used())
            .sum()
    }

    /// Starts a language's runtime ahead of its first cell.
    pub fn start(&mut self, language: Language) -> Result<(), Error> {
        let language = language.home();
        if language == Language::Rust {
            // Its cells are programs of their own.
            return self.engine.prepare(language);
        }
        let runtime = self.take(language)?;
        self.shared().runtimes.insert(language, runtime);
        Ok(())
    }

    fn shared(&mut self) -> &mut Box<Shared> {
        self.shared.get_or_insert_default()
    }

    /// Takes the language's runtime out of the session, or a fresh one.
    fn take(&mut self, language: Language) -> Result<Instance, Error> {
        if let Some(runtime) = self.shared().runtimes.remove(&language) {
            return Ok(runtime);
        }
        let loaded = self.engine.load(language, self.limits.fuel.is_some())?;
        let executor = self.engine.executor()?.clone();
        let _running = self.engine.running();
        self.control.begin(ANSWER_TIME);
        let made = executor.block_on(Instance::new(
            &loaded,
            language,
            &self.limits,
            Surroundings {
                control: Arc::clone(&self.control),
                output: self.output.clone(),
                host: Arc::clone(&self.host),
                source: self.source.clone(),
            },
        ));
        self.control.end();
        made.map_err(|error| Error::Stopped {
            language,
            reason: format!("{error:#}"),
        })
    }
}

fn make_host(engine: &Engine, options: &SessionOptions, board: &Arc<Board>, depth: usize) -> Host {
    let about = json!({
        "user": user(),
        "process": std::process::id(),
        "origin": options.origin,
        "policy": options.policy.name,
        "seed": options.seed,
    });
    Host::new(host::Parts {
        policy: options.policy.clone(),
        folder: options.folder.clone().unwrap_or_else(|| PathBuf::from(".")),
        trail: Trail::new(options.audit.clone(), about),
        deterministic: options.seed.is_some(),
        services: options.services.clone(),
        packages: options.packages.clone(),
        board: Arc::clone(board),
        nested: Some(Nested {
            engine: engine.clone(),
            options: options.clone(),
            board: Arc::clone(board),
            depth: depth + 1,
        }),
    })
}

/// The name of the user as the system's variables have it; for the audit log.
fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// The engine's own assertions guard its memory; one that fails costs a runtime, not the process.
pub(crate) fn caught<T>(run: impl FnOnce() -> wasmtime::Result<T>) -> wasmtime::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(run))
        .unwrap_or_else(|_| Err(wasmtime::Error::msg("the engine failed an assertion")))
}
