//! The host interface: what cells ask for by `host.call`, each call checked by the policy and written to the audit log.

mod address;
mod arguments;
mod files;
mod trail;
mod web;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arguments::Arguments;
use files::Folders;
pub(crate) use trail::Trail;
use web::Web;

use crate::event::StreamName;
use crate::output::Output;
use crate::policy::Policy;
use crate::value::Value;

const HTTP: &str = "http.request";

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

/// The host's side of one session.
#[derive(Debug)]
pub(crate) struct Host {
    policy: Policy,
    folders: Arc<Folders>,
    web: Web,
    trail: Trail,
    /// Calls of the running cell.
    calls: AtomicU64,
    /// Answers may not depend on anything that changes from run to run.
    deterministic: bool,
}

impl Host {
    pub(crate) fn new(policy: Policy, folder: &Path, trail: Trail, deterministic: bool) -> Self {
        Self {
            folders: Arc::new(Folders::new(&policy.folders, folder)),
            policy,
            web: Web::default(),
            trail,
            calls: AtomicU64::new(0),
            deterministic,
        }
    }

    /// A host that grants nothing and notes nothing.
    pub(crate) fn none() -> Self {
        Self::new(Policy::strict(), Path::new("."), Trail::default(), false)
    }

    pub(crate) fn trail(&self) -> &Trail {
        &self.trail
    }

    /// A cell begins.
    pub(crate) fn begin(&self) {
        self.calls.store(0, Ordering::Relaxed);
    }

    /// Counts a call that is not one of `host.call`, such as reading a variable.
    pub(crate) fn count(&self, operation: &str, target: &str) -> Result<(), Refused> {
        let counted = self.one_more();
        self.trail.call(operation, target, counted.as_ref().err());
        counted
    }

    fn one_more(&self) -> Result<(), Refused> {
        let most = self.policy.host_calls;
        if self.calls.fetch_add(1, Ordering::Relaxed) < most {
            return Ok(());
        }
        Err(Refused::new(
            "too-many-calls",
            format!(
                "the policy '{}' allows {most} calls of the host in one cell; spread the work over several cells or \
                 raise host_calls",
                self.policy.name
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
        let known =
            operation == "log" || operation == HTTP || files::OPERATIONS.contains(&operation);
        let answer = match (self.one_more(), arguments) {
            (Err(refused), _) => Err(refused),
            _ if !known => Err(Refused::new(
                "unknown-operation",
                format!("the host has no operation '{operation}'"),
            )),
            (_, Err(refused)) => Err(refused),
            (Ok(()), Ok(arguments)) => self.answer(operation, arguments, output, most).await,
        };
        self.trail.call(operation, &target, answer.as_ref().err());
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
        if let Some(reason) = self.trail.fault() {
            return Err(Refused::new(
                "no-audit",
                format!("nothing is touched that cannot be written to the audit log: {reason}"),
            ));
        }
        if operation == HTTP {
            if self.deterministic {
                return Err(Refused::denied(
                    "a deterministic run makes no requests: their answers change; run it without --deterministic, or \
                     read the answer from a file",
                ));
            }
            return self.web.answer(&mut arguments, &self.policy, most).await;
        }
        let operation = operation.to_owned();
        let folders = Arc::clone(&self.folders);
        let name = self.policy.name.clone();
        // The system may take its time.
        tokio::task::spawn_blocking(move || folders.answer(&operation, &mut arguments, &name, most))
            .await
            .unwrap_or_else(|error| Err(Refused::new("failed", error.to_string())))
    }
}
