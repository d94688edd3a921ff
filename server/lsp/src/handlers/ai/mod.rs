//! The AI commands (`workspace/executeCommand`): each streams, can be cancelled, and changes nothing that the user has
//! not seen.
//!
//! An editor with an interface of its own asks for a *proposal* and shows it before it applies it. For every other editor
//! the server offers the edit itself, to be confirmed (`apply`).

mod apply;
pub(crate) mod offers;
mod output;
mod progress;
mod request;
mod search;

use std::sync::Arc;

use futures::StreamExt;
use metascript_assist::provider::Usage;
use metascript_assist::tasks::{ScriptEdit, TaskEvent, TaskStream};
use metascript_assist::{AiError, Assist};
use metascript_syntax::TextEdit;
use serde::Serialize;
use serde_json::Value;
use tower_lsp_server::gen_lsp_types::{ExecuteCommandParams, LspAny, Uri, WorkspaceEdit};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};

use crate::assistant;
use crate::documents::OpenDocument;
use crate::state::State;
use crate::turns;
use output::Stream;
pub(crate) use progress::Running;
pub(crate) use progress::cancel as cancel_progress;
use request::Argument;

pub(crate) const GENERATE: &str = "metascript.aiGenerate";
pub(crate) const EXPLAIN: &str = "metascript.aiExplain";
pub(crate) const FIX: &str = "metascript.aiFix";
pub(crate) const REVIEW: &str = "metascript.aiReview";
pub(crate) const TESTS: &str = "metascript.aiTests";
pub(crate) const DOCUMENT: &str = "metascript.aiDocument";
pub(crate) const OPTIMISE: &str = "metascript.aiOptimise";
pub(crate) const TRANSLATE: &str = "metascript.aiTranslate";
pub(crate) const AGENT: &str = "metascript.aiAgent";
pub(crate) const SEARCH: &str = "metascript.aiSearch";

/// The commands, in the order of the documentation.
pub(crate) const COMMANDS: [&str; 10] = [
    GENERATE, EXPLAIN, FIX, REVIEW, TESTS, DOCUMENT, OPTIMISE, TRANSLATE, AGENT, SEARCH,
];

/// LSP's `RequestFailed`: the request was right, and cannot be done.
const REQUEST_FAILED: i64 = -32803;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Status {
    /// Words for the user; nothing is to be changed.
    Answered,
    /// An edit for the client to show.
    Proposed,
    /// The user agreed, and the client has applied the edit.
    Applied,
    /// The user did not agree.
    Discarded,
    /// The proposal does not parse or breaks the policy.
    Refused,
    /// The script is as it should be.
    Unchanged,
}

/// The answer to a command.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status: Status,
    /// The last answer of the model, Markdown.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal: Option<Proposal>,
    /// Why a proposal was refused, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
    cost: Cost,
}

/// A change that the user has not seen yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Proposal {
    /// For the version that the command was given; the client refuses it for another.
    #[serde(skip_serializing_if = "Option::is_none")]
    edit: Option<WorkspaceEdit>,
    /// The version that `edit` is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// The whole script with the change.
    new_text: String,
}

/// What the command used.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    input_tokens: u64,
    output_tokens: u64,
    /// Millionths of a US dollar.
    micros: u64,
}

impl Cost {
    fn add(&mut self, usage: Usage, micros: u64) {
        self.input_tokens += u64::from(usage.input);
        self.output_tokens += u64::from(usage.output);
        self.micros += micros;
    }
}

/// The script that a command is about.
struct Script {
    name: String,
    /// `None`: a script that is yet to be written.
    place: Option<(Uri, OpenDocument)>,
}

impl Script {
    fn text(&self) -> String {
        let text = |(_, open): &(Uri, OpenDocument)| open.document.rope().to_string();
        self.place.as_ref().map(text).unwrap_or_default()
    }
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: ExecuteCommandParams,
) -> Result<Option<LspAny>> {
    // A model takes its time; cells that are asked for meanwhile do not wait for it.
    drop(turns::current());
    let command = params.command.as_str();
    let argument = params.arguments.and_then(|list| list.into_iter().next());
    let argument: Argument = serde_json::from_value(argument.unwrap_or_default())
        .map_err(|error| Error::invalid_params(format!("`{command}`: {error}")))?;
    let Some(assist) = state.assistant.ready().await.map(Arc::clone) else {
        return Err(failed(
            "the assistant is still starting; try again in a moment",
        ));
    };
    state.assistant.read_workspace().await;
    let token = params.work_done_progress_params.work_done_token;
    let progress = progress::begin(state, token, title(command), !argument.propose).await;
    let work = async {
        if command == SEARCH {
            return search::run(state, &assist, &argument).await;
        }
        let (script, events) = request::start(state, &assist, command, &argument).await?;
        let ran = follow(state, &assist, script, events, &argument, &progress).await;
        to_value(ran?)
    };
    let answer = progress.unless_cancelled(work).await;
    progress.end().await;
    answer
}

fn to_value(answer: impl Serialize) -> Result<Option<LspAny>> {
    serde_json::to_value(answer)
        .map(Some)
        .map_err(|_| Error::internal_error())
}

fn failed(message: impl Into<String>) -> Error {
    Error {
        code: ErrorCode::ServerError(REQUEST_FAILED),
        message: message.into().into(),
        data: None,
    }
}

/// A provider's trouble, as the one line that the user gets to see of it.
async fn trouble(state: &Arc<State>, assist: &Assist, error: &AiError) -> Error {
    let line = error.to_string();
    assistant::tell_notices_but(state, assist, &line).await;
    failed(line)
}

/// Hears a command out, and ends with what its result is for this client.
async fn follow(
    state: &Arc<State>,
    assist: &Assist,
    script: Script,
    mut events: TaskStream,
    argument: &Argument,
    progress: &progress::Progress,
) -> Result<Answer> {
    let stream = Stream::new(state, argument.stream.clone());
    let mut answer = Answer {
        status: Status::Unchanged,
        text: String::new(),
        proposal: None,
        faults: Vec::new(),
        cost: Cost::default(),
    };
    let mut edits = Vec::new();
    while let Some(event) = events.next().await {
        let event = match event {
            Ok(event) => event,
            Err(error) => return Err(trouble(state, assist, &error).await),
        };
        stream.send(&event).await;
        match event {
            TaskEvent::Step { message } => {
                // What the model says next is another answer.
                answer.text.clear();
                progress.report(message).await;
            }
            TaskEvent::Text { text } => {
                answer.text.push_str(&text);
                answer.status = Status::Answered;
            }
            TaskEvent::Cost { usage, micros, .. } => answer.cost.add(usage, micros),
            TaskEvent::Edits { edits: found } => edits = found,
            TaskEvent::Refused { faults } => {
                answer.status = Status::Refused;
                answer.faults = faults;
            }
        }
    }
    assistant::tell_notices_but(state, assist, "").await;
    if answer.status == Status::Refused {
        if !argument.propose {
            apply::tell_refusal(state, &answer.faults).await;
        }
        return Ok(answer);
    }
    if edits.is_empty() {
        if !argument.propose {
            apply::tell_words(state, &answer.text).await;
        }
        return Ok(answer);
    }
    let proposal = proposal(state, &script, &edits);
    answer.status = if proposal.new_text == script.text() {
        Status::Unchanged
    } else if argument.propose {
        answer.proposal = Some(proposal);
        Status::Proposed
    } else {
        apply::confirm(state, &script, proposal).await?
    };
    Ok(answer)
}

fn proposal(state: &State, script: &Script, edits: &[ScriptEdit]) -> Proposal {
    let edits: Vec<TextEdit> = edits.iter().map(TextEdit::from).collect();
    match &script.place {
        Some((uri, open)) => Proposal {
            edit: Some(apply::workspace_edit(state, uri, open, &edits)),
            version: Some(open.version),
            new_text: open.document.edited(&edits).rope().to_string(),
        },
        None => Proposal {
            edit: None,
            version: None,
            new_text: edits.into_iter().map(|edit| edit.text).collect(),
        },
    }
}

/// What a command is called while it runs.
fn title(command: &str) -> &'static str {
    match command {
        GENERATE => "Writing a script",
        EXPLAIN => "Explaining",
        FIX => "Repairing",
        REVIEW => "Reviewing",
        TESTS => "Writing tests",
        DOCUMENT => "Documenting",
        OPTIMISE => "Optimising",
        TRANSLATE => "Translating",
        SEARCH => "Searching",
        _ => "Working on the script",
    }
}

/// The one argument of a code action's command.
fn argument(uri: &Uri, more: &Value) -> Value {
    let mut argument = serde_json::json!({ "uri": uri.as_ref() });
    if let (Some(argument), Some(more)) = (argument.as_object_mut(), more.as_object()) {
        argument.extend(more.clone());
    }
    argument
}
