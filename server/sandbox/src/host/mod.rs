//! The host interface: what cells ask for by `host.call`, each call checked by the policy and written to the audit log.

mod address;
mod agents;
mod arguments;
mod assistance;
mod files;
mod scripts;
mod trail;
mod web;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) use agents::Board;
use arguments::Arguments;
use files::Folders;
pub(crate) use trail::Trail;
use web::Web;

use crate::event::StreamName;
use crate::output::Output;
use crate::packages::{Packages, Request};
use crate::policy::Policy;
use crate::services::Services;
use crate::session::Nested;
use crate::value::Value;

pub(crate) use scripts::RUN;

const HTTP: &str = "http.request";

/// What the guests' import systems ask. The answers are text that was checked against a lock file: no policy forbids them.
const PACKAGES: [&str; 3] = ["packages.module", "packages.file", "packages.list"];

/// Why a call is refused or failed: a stable word, and a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refused {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub(crate) fn denied(message: impl Into<String>) -> Self {
        Self::new("denied", message)
    }
}

/// What a session's host is made of.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) policy: Policy,
    /// The script's folder.
    pub(crate) folder: PathBuf,
    pub(crate) trail: Trail,
    /// Answers may not depend on anything that changes from run to run.
    pub(crate) deterministic: bool,
    /// Language models and vectors, if there are any.
    pub(crate) services: Option<Arc<dyn Services>>,
    /// Packages to import.
    pub(crate) packages: Packages,
    /// Agents, shared with the scripts that the session's cells run.
    pub(crate) board: Arc<Board>,
    /// What sessions of other scripts are made of.
    pub(crate) nested: Option<Nested>,
}

/// The host's side of one session.
#[derive(Debug)]
pub(crate) struct Host {
    parts: Parts,
    folders: Arc<Folders>,
    web: Web,
    /// Calls of the running cell.
    calls: AtomicU64,
}

impl Host {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            folders: Arc::new(Folders::new(&parts.policy.folders, &parts.folder)),
            web: Web::default(),
            calls: AtomicU64::new(0),
            parts,
        }
    }

    /// A host that grants nothing and notes nothing.
    pub(crate) fn none() -> Self {
        Self::new(Parts::default())
    }

    pub(crate) fn trail(&self) -> &Trail {
        &self.parts.trail
    }

    /// A cell begins.
    pub(crate) fn begin(&self) {
        self.calls.store(0, Ordering::Relaxed);
    }

    /// A cell is over. A text for people, if something that should be kept is not.
    pub(crate) fn end(&self) -> Option<String> {
        let services = self.parts.services.as_ref()?;
        services.cell_ended().err()
    }

    /// Counts a call that is not one of `host.call`, such as reading a variable.
    pub(crate) fn count(&self, operation: &str, target: &str) -> Result<(), Refused> {
        let counted = self.one_more();
        self.trail().call(operation, target, counted.as_ref().err());
        counted
    }

    fn one_more(&self) -> Result<(), Refused> {
        let policy = &self.parts.policy;
        let most = policy.host_calls;
        if self.calls.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(());
        }
        Err(Refused::new(
            "too-many-calls",
            format!(
                "the policy '{}' allows {most} calls of the host in one cell; spread the work over several cells or \
                 raise host_calls",
                policy.name
            ),
        ))
    }

    /// Answers a call; `most` bounds the answer's bytes.
    pub(crate) async fn call(
        &self,
        operation: &str,
        arguments: Value,
        output: &Output,
        most: usize,
    ) -> Result<Value, Refused> {
        let arguments = Arguments::new(operation, arguments);
        let target = arguments
            .as_ref()
            .map(Arguments::target)
            .unwrap_or_default();
        let answer = match (self.one_more(), arguments) {
            (Err(refused), _) => Err(refused),
            _ if !is_known(operation) => Err(Refused::new(
                "unknown-operation",
                format!("the host has no operation '{operation}'"),
            )),
            (_, Err(refused)) => Err(refused),
            (Ok(()), Ok(arguments)) => self.answer(operation, arguments, output, most).await,
        };
        self.trail().call(operation, &target, answer.as_ref().err());
        answer
    }

    async fn answer(
        &self,
        operation: &str,
        mut arguments: Arguments,
        output: &Output,
        most: usize,
    ) -> Result<Value, Refused> {
        if operation == "log" {
            let level = arguments.text("level")?;
            let message = arguments.text("message")?;
            output.write(StreamName::Stderr, &format!("{level}: {message}\n"));
            return Ok(Value::Null);
        }
        if PACKAGES.contains(&operation) {
            return self.package(operation, &mut arguments).await;
        }
        if agents::OPERATIONS.contains(&operation) {
            return self.parts.board.answer(operation, &mut arguments);
        }
        if let Some(reason) = self.trail().fault() {
            return Err(Refused::new(
                "no-audit",
                format!("nothing is touched that cannot be written to the audit log: {reason}"),
            ));
        }
        if operation == HTTP {
            self.repeatable("requests")?;
            return self
                .web
                .answer(&mut arguments, &self.parts.policy, most)
                .await;
        }
        if assistance::OPERATIONS.contains(&operation) {
            return self.assist(operation, &mut arguments, most).await;
        }
        let script = operation == scripts::RUN;
        let name = self.parts.policy.name.clone();
        let folders = Arc::clone(&self.folders);
        // The system may take its time.
        if script {
            let read = move || scripts::read(&folders, &mut arguments, &name, most);
            let script = blocking(read).await?;
            let Some(nested) = self.parts.nested.clone() else {
                return Err(Refused::denied("no script runs here"));
            };
            return scripts::run(script, nested, most).await;
        }
        let operation = operation.to_owned();
        blocking(move || folders.answer(&operation, &mut arguments, &name, most)).await
    }

    async fn assist(
        &self,
        operation: &str,
        arguments: &mut Arguments,
        most: usize,
    ) -> Result<Value, Refused> {
        if operation.starts_with("llm.") {
            self.repeatable("questions to a model")?;
        }
        let Some(services) = &self.parts.services else {
            return Err(Refused::denied(
                "there are no language models and no stores here",
            ));
        };
        let parts = &self.parts;
        assistance::answer(
            operation,
            arguments,
            services.as_ref(),
            &parts.policy,
            &parts.folder,
            most,
        )
        .await
    }

    /// Refuses what answers otherwise each time, in a run that shall not.
    fn repeatable(&self, what: &str) -> Result<(), Refused> {
        if !self.parts.deterministic {
            return Ok(());
        }
        Err(Refused::denied(format!(
            "a deterministic run makes no {what}: the answers change; run it without --deterministic, or read the \
             answer from a file"
        )))
    }

    /// A module or a file of a package.
    async fn package(&self, operation: &str, arguments: &mut Arguments) -> Result<Value, Refused> {
        let unknown = || {
            Refused::new(
                "bad-argument",
                format!("{operation}: there are packages for python and javascript"),
            )
        };
        let request = match operation {
            "packages.list" => Request::List,
            "packages.file" => Request::PythonFile {
                path: arguments.text("path")?,
            },
            _ => {
                let language = arguments.text("language")?;
                let name = arguments.text("name")?;
                let from = arguments.optional_text("from")?;
                let kind = arguments.optional_text("kind")?.unwrap_or_default();
                Request::module(&language, name, from, &kind).ok_or_else(unknown)?
            }
        };
        let packages = self.parts.packages.clone();
        // The first one reads and checks archives.
        blocking(move || {
            packages
                .answer(&request)
                .map_err(|error| Refused::new("package", error.to_string()))
        })
        .await
    }
}

fn is_known(operation: &str) -> bool {
    operation == "log"
        || operation == HTTP
        || operation == scripts::RUN
        || PACKAGES.contains(&operation)
        || files::OPERATIONS.contains(&operation)
        || agents::OPERATIONS.contains(&operation)
        || assistance::OPERATIONS.contains(&operation)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(Refused::new("failed", error.to_string())))
}
