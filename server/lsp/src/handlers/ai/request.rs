//! From a command's argument to what the assistant is asked.

use std::ops::Range;
use std::sync::Arc;

use metascript_assist::Assist;
use metascript_assist::context::Scope;
use metascript_assist::tasks::{
    AgentLimits, AgentRequest, CellRunner, Command, CommandRequest, TaskStream,
};
use metascript_sandbox::Language;
use metascript_syntax::Document;
use serde::Deserialize;
use tower_lsp_server::gen_lsp_types::{
    MessageActionItem, MessageType, Position, Range as LspRange, Uri,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use super::{
    AGENT, DOCUMENT, EXPLAIN, FIX, GENERATE, OPTIMISE, REVIEW, Script, TESTS, TRANSLATE, failed,
};
use crate::convert;
use crate::documents::OpenDocument;
use crate::runner::SandboxRunner;
use crate::state::{Query, State};
use crate::{assistant, ordered, uri};

/// The one argument of every AI command.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Argument {
    /// The script; only `generate` and `search` do without.
    pub(super) uri: Option<String>,
    range: Option<LspRange>,
    position: Option<Position>,
    cell: Option<usize>,
    /// The sentence of `generate`, the goal of `agent`, the question of `search`.
    pub(super) text: Option<String>,
    /// What `fix` repairs; the first fault of the place if absent.
    problem: Option<String>,
    /// What `translate` translates to.
    language: Option<String>,
    /// How many hits `search` gives at most.
    pub(super) count: Option<usize>,
    /// Turns of the agent's model.
    steps: Option<u32>,
    /// What the agent may cost, in US dollars.
    max_cost: Option<f64>,
    /// The client shows the change itself and applies it.
    pub(super) propose: bool,
    /// The name that the events of this command are sent under.
    pub(super) stream: Option<String>,
}

/// What stands in the script, as far as a command needs it.
struct Place {
    range: Range<usize>,
    /// The cell at the place.
    cell: Option<(usize, String)>,
    /// What is wrong there.
    problem: Option<(Range<usize>, String)>,
    scope: Scope,
}

/// What a command is about, and its events. Nothing is asked before the events are polled.
pub(super) async fn start(
    state: &Arc<State>,
    assist: &Arc<Assist>,
    command: &str,
    argument: &Argument,
) -> Result<(Script, TaskStream)> {
    let Some(name) = &argument.uri else {
        return unwritten(assist, command, argument);
    };
    let uri = Uri(name.clone());
    let Some(open) = ordered::arrival().or_else(|| state.documents.get(name)) else {
        return Err(Error::invalid_params(format!(
            "{name} is not open; open it first"
        )));
    };
    let place = place(state, &uri, argument).await?;
    let script = Script {
        name: state.assistant.name(&uri::path(name)),
        place: Some((uri, open.clone())),
    };
    let events = if command == AGENT {
        agent(state, assist, argument, &script.name, open.document)?
    } else {
        let scope = place.scope.clone();
        assist.run_command(CommandRequest {
            command: wish(state, command, argument, place, &open).await?,
            name: script.name.clone(),
            document: open.document,
            scope,
        })
    };
    Ok((script, events))
}

/// A script that is yet to be written.
fn unwritten(
    assist: &Arc<Assist>,
    command: &str,
    argument: &Argument,
) -> Result<(Script, TaskStream)> {
    if command != GENERATE {
        return Err(Error::invalid_params(format!("`{command}` needs `uri`")));
    }
    let script = Script {
        name: "untitled.tars".to_owned(),
        place: None,
    };
    let events = assist.run_command(CommandRequest {
        command: Command::Generate {
            sentence: text(command, argument)?,
        },
        name: script.name.clone(),
        document: Document::parse(""),
        scope: Scope::default(),
    });
    Ok((script, events))
}

fn text(command: &str, argument: &Argument) -> Result<String> {
    argument
        .text
        .clone()
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Error::invalid_params(format!("`{command}` needs `text`")))
}

async fn place(state: &Arc<State>, uri: &Uri, argument: &Argument) -> Result<Place> {
    let wanted = (argument.range, argument.position, argument.cell);
    state
        .query(uri, move |query| {
            let document = &query.open.document;
            let cells = document.cells();
            let at = |position| convert::offset(document.rope(), position, query.encoding);
            let range = match wanted {
                (Some(range), _, _) => {
                    let (start, end) = (at(range.start), at(range.end));
                    start.min(end)..start.max(end)
                }
                (None, Some(position), _) => at(position)..at(position),
                (None, None, Some(cell)) => match cells.get(cell) {
                    Some(cell) => cell.range.clone(),
                    None => return Ok(Err(format!("there is no cell {cell}"))),
                },
                (None, None, None) => 0..document.rope().len_bytes(),
            };
            let cell = match wanted.2 {
                Some(index) => cells.get(index),
                None => cells
                    .iter()
                    .find(|cell| (cell.range.start..=cell.range.end).contains(&range.start)),
            };
            Ok(Ok(Place {
                cell: cell.map(|cell| (cell.index, cell.language.as_str().to_owned())),
                problem: problem(query, &range)?,
                scope: assistant::scope(query, range.start)?,
                range,
            }))
        })
        .await?
        .ok_or_else(|| Error::invalid_params("the script is too large"))?
        .map_err(Error::invalid_params::<String>)
}

/// The first fault on the lines of a place: of the language, then of the scanner.
fn problem(
    query: &Query<'_>,
    range: &Range<usize>,
) -> metascript_analysis::Cancellable<Option<(Range<usize>, String)>> {
    let rope = query.open.document.rope();
    let line = |offset: usize| rope.byte_to_line(offset.min(rope.len_bytes()));
    let (first, last) = (line(range.start), line(range.end));
    let here = |of: &Range<usize>| line(of.start) <= last && first <= line(of.end);
    let diagnostics = query.analysis.diagnostics(query.file)?;
    let of_language = diagnostics
        .iter()
        .find(|one| here(&one.range))
        .map(|one| (one.range.clone(), one.message.clone()));
    Ok(of_language.or_else(|| {
        let findings = query.state.security.open_document(query.name, query.open);
        let found = findings.iter().find(|one| here(&one.range));
        found.map(|one| (one.range.clone(), one.message.clone()))
    }))
}

/// The command with everything that it needs.
async fn wish(
    state: &Arc<State>,
    command: &str,
    argument: &Argument,
    place: Place,
    open: &OpenDocument,
) -> Result<Command> {
    let range = place.range;
    Ok(match command {
        GENERATE => Command::Generate {
            sentence: text(command, argument)?,
        },
        EXPLAIN => Command::Explain { range },
        REVIEW => Command::Review,
        TESTS => Command::Tests { range },
        DOCUMENT => Command::Document { range },
        OPTIMISE => Command::Optimise { range },
        FIX => match (&argument.problem, place.problem) {
            (Some(problem), _) => Command::Fix {
                range,
                problem: problem.clone(),
            },
            (None, Some((range, problem))) => Command::Fix { range, problem },
            (None, None) => return Err(failed("nothing is wrong here")),
        },
        TRANSLATE => {
            let Some((cell, from)) = place.cell else {
                return Err(failed("there is no cell here"));
            };
            let language = match &argument.language {
                Some(language) => language.clone(),
                None => chosen_language(state, &from).await?,
            };
            if open.document.cells().len() <= cell {
                return Err(failed("there is no cell here"));
            }
            Command::Translate {
                cell,
                language: language.to_uppercase(),
            }
        }
        _ => {
            return Err(Error::invalid_params(format!(
                "unknown command `{command}`"
            )));
        }
    })
}

/// Asks for the language of a translation, where the editor has not.
async fn chosen_language(state: &Arc<State>, from: &str) -> Result<String> {
    let choices: Vec<MessageActionItem> = Language::ALL
        .iter()
        .map(|language| language.as_str())
        .filter(|name| *name != from)
        .map(|name| MessageActionItem {
            title: name.to_owned(),
            ..MessageActionItem::default()
        })
        .collect();
    let question = "Metascript: translate the cell to which language?";
    let answer = state
        .client
        .show_message_request(MessageType::Info, question, Some(choices))
        .await?;
    answer
        .map(|choice| choice.title)
        .ok_or_else(Error::request_cancelled)
}

fn agent(
    state: &Arc<State>,
    assist: &Arc<Assist>,
    argument: &Argument,
    name: &str,
    document: Document,
) -> Result<TaskStream> {
    let defaults = AgentLimits::default();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a sum that a person may mean"
    )]
    let micros = |dollars: f64| (dollars.clamp(0.0, 1000.0) * 1e6) as u64;
    let runner = state.options().run.enabled.then(|| {
        let runner = SandboxRunner::new(state.sessions.sandbox(), state.security.setup());
        Arc::new(runner) as Arc<dyn CellRunner>
    });
    Ok(assist.run_agent(AgentRequest {
        goal: text(AGENT, argument)?,
        name: name.to_owned(),
        document,
        runner,
        limits: AgentLimits {
            steps: argument.steps.unwrap_or(defaults.steps),
            cost_micros: argument.max_cost.map_or(defaults.cost_micros, micros),
            ..defaults
        },
    }))
}
