//! The commands: each is a stream of events that ends with an edit the user sees before it is applied. Dropping the
//! stream cancels the command and closes its connection.

mod agent;
mod ask;
mod commands;
mod extract;
mod workbench;

use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::{Stream, StreamExt as _, stream};
use serde::Serialize;

pub use agent::{AgentLimits, AgentRequest};
pub use ask::Answered;
pub use commands::{Command, CommandRequest};
pub use workbench::{CellRunner, Workbench};

use crate::error::AiError;
use crate::provider::Usage;

/// A change of a script, to be previewed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScriptEdit {
    /// The script's name in the workspace.
    pub name: String,
    /// What is replaced, in bytes of the text that the command was given.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

impl From<&ScriptEdit> for metascript_syntax::TextEdit {
    fn from(edit: &ScriptEdit) -> Self {
        Self {
            range: edit.range.clone(),
            text: edit.text.clone(),
        }
    }
}

/// What a command reports while it runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum TaskEvent {
    /// What is being done, in one line.
    Step {
        /// The line.
        message: String,
    },
    /// More of the model's answer, Markdown.
    Text {
        /// The piece.
        text: String,
    },
    /// What a request used.
    Cost {
        /// The provider's name.
        provider: String,
        /// Tokens.
        usage: Usage,
        /// Millionths of a US dollar.
        micros: u64,
    },
    /// The result: edits that parse and pass the policy.
    Edits {
        /// The edits, in order of position.
        edits: Vec<ScriptEdit>,
    },
    /// The model's proposal does not hold; nothing is to be applied.
    Refused {
        /// What is wrong with it, one line each.
        faults: Vec<String>,
    },
}

/// The events of a command; an error is the last.
pub type TaskStream = Pin<Box<dyn Stream<Item = Result<TaskEvent, AiError>> + Send>>;

/// Where a command reports to.
#[derive(Clone)]
struct Reporter(UnboundedSender<Result<TaskEvent, AiError>>);

impl Reporter {
    /// Nobody may be listening any more; then the command is about to be dropped.
    fn say(&self, event: TaskEvent) {
        let _ = self.0.unbounded_send(Ok(event));
    }

    fn step(&self, message: impl Into<String>) {
        self.say(TaskEvent::Step {
            message: message.into(),
        });
    }
}

/// Runs work as a stream of its events. The work advances only while the stream is polled. The queue between them
/// holds no more than one answer, which is bounded by the transport.
fn report<F>(work: impl FnOnce(Reporter) -> F) -> TaskStream
where
    F: Future<Output = Result<(), AiError>> + Send + 'static,
{
    let (sender, receiver) = unbounded();
    let work = work(Reporter(sender.clone()));
    let driver = async move {
        if let Err(error) = work.await {
            let _ = sender.unbounded_send(Err(error));
        }
    };
    let silent = stream::once(driver).filter_map(|()| std::future::ready(None));
    Box::pin(stream::select(receiver, silent))
}
