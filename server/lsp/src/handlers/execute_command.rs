//! `workspace/executeCommand`: running cells, and steering their session.

use std::sync::Arc;

use metascript_analysis::CellInfo;
use metascript_analysis::freshness::Freshness;
use metascript_sandbox::CellSource;
use serde::Deserialize;
use serde_json::json;
use tower_lsp_server::gen_lsp_types::{ExecuteCommandParams, LspAny, Position, Uri};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::assistant;
use crate::convert;
use crate::handlers::ai;
use crate::handlers::capabilities;
use crate::handlers::cells::refusal;
use crate::kept;
use crate::ordered;
use crate::output::{CellRun, VersionedDocument};
use crate::sessions::PlannedCell;
use crate::stale::faces;
use crate::state::{Query, State};
use crate::turns;
use crate::uri;

pub(crate) const RUN_CELL: &str = "metascript.runCell";
pub(crate) const RUN_ABOVE: &str = "metascript.runAbove";
pub(crate) const RUN_ALL: &str = "metascript.runAll";
/// Runs the cells that make what the session lost with a runtime.
const RERUN_LOST: &str = "metascript.rerunLost";
pub(super) const RUN_STALE: &str = "metascript.runStale";
const RESTART: &str = "metascript.restart";
const INTERRUPT: &str = "metascript.interrupt";

/// Shows what the policy of a script lets its cells do.
pub(crate) const SHOW_POLICY: &str = "metascript.showRunPolicy";

/// Sent by the editor when a suggestion was taken.
pub(crate) const SUGGESTION_ACCEPTED: &str = "metascript.suggestionAccepted";

/// The commands that this server executes.
pub(crate) const COMMANDS: &[&str] = &[
    RUN_CELL,
    RUN_ABOVE,
    RUN_ALL,
    RERUN_LOST,
    RUN_STALE,
    RESTART,
    INTERRUPT,
    SHOW_POLICY,
    SUGGESTION_ACCEPTED,
    ai::GENERATE,
    ai::EXPLAIN,
    ai::FIX,
    ai::REVIEW,
    ai::TESTS,
    ai::DOCUMENT,
    ai::OPTIMISE,
    ai::TRANSLATE,
    ai::AGENT,
    ai::SEARCH,
];

/// The one argument of every command.
#[derive(Debug, Deserialize)]
pub(super) struct Argument {
    pub(super) uri: String,
    pub(super) cell: Option<usize>,
    pub(super) position: Option<Position>,
}

/// Which cells a command runs.
#[derive(Clone)]
enum Selection {
    One(usize),
    Above(usize),
    All,
    /// Those that bind one of the names.
    Making(Vec<String>),
    /// Those whose results do not hold: never run, failed, or stale.
    Stale,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: ExecuteCommandParams,
) -> Result<Option<LspAny>> {
    let command = params.command.as_str();
    if !COMMANDS.contains(&command) {
        return Err(Error::invalid_params(format!(
            "unknown command `{command}`; this server has: {}",
            COMMANDS.join(", ")
        )));
    }
    if ai::COMMANDS.contains(&command) {
        return ai::handle(state, params).await;
    }
    if command == SUGGESTION_ACCEPTED {
        let argument = params.arguments.and_then(|list| list.into_iter().next());
        assistant::accepted(state, &argument.unwrap_or_default());
        return Ok(None);
    }
    let argument: Argument = params
        .arguments
        .and_then(|arguments| arguments.into_iter().next())
        .ok_or_else(|| Error::invalid_params(format!("`{command}` needs one argument: {{ uri }}")))
        .and_then(|value| {
            serde_json::from_value(value)
                .map_err(|error| Error::invalid_params(format!("`{command}`: {error}")))
        })?;
    match command {
        RESTART => {
            state.sessions.restart(&argument.uri);
            Ok(None)
        }
        SHOW_POLICY => {
            capabilities::show(state, &argument.uri).await;
            Ok(None)
        }
        INTERRUPT => Ok(Some(
            json!({ "interrupted": state.sessions.interrupt(&argument.uri) }),
        )),
        _ => {
            let mut turn = turns::current();
            let planned = plan(state, command, argument).await?;
            if let Some(turn) = &mut turn {
                turn.come().await;
            }
            let (ticket, summary) = state.sessions.run(&planned.uri, planned.cells);
            drop(turn);
            let answer = summary.await;
            drop(ticket);
            let summary = answer.map_err(|_| Error {
                message: "the session ended before the run was over".into(),
                ..Error::internal_error()
            })?;
            serde_json::to_value(summary)
                .map(Some)
                .map_err(|_| Error::internal_error())
        }
    }
}

/// Works out what to run, from the text as it was when the command arrived.
pub(super) async fn plan(state: &Arc<State>, command: &str, argument: Argument) -> Result<Planned> {
    let document = Uri(argument.uri.clone());
    if !state.options().run.enabled {
        return Err(Error::invalid_params(
            "running cells is switched off: the workspace is not trusted, or `run.enabled` is false",
        ));
    }
    if state.documents.get(&argument.uri).is_none() && ordered::arrival().is_none() {
        return Err(Error::invalid_params(format!(
            "{} is not open; open it before running its cells",
            argument.uri
        )));
    }
    let command = command.to_owned();
    let name = argument.uri.clone();
    let lost = state.sessions.lost(&name);
    let cells = state
        .query(&document, move |query| {
            let cells = query.analysis.cells(query.file)?;
            let selection = match command.as_str() {
                RERUN_LOST => Ok(Selection::Making(lost.clone())),
                _ => select(&command, &argument, query, &cells),
            };
            Ok(selection.and_then(|selection| planned(&selection, &cells, query, &argument.uri)))
        })
        .await?
        .ok_or_else(|| Error::invalid_params("the document is too large to be run"))?
        .map_err(Error::invalid_params::<String>)?;
    Ok(Planned { uri: name, cells })
}

pub(super) struct Planned {
    pub(super) uri: String,
    pub(super) cells: Vec<PlannedCell>,
}

fn select(
    command: &str,
    argument: &Argument,
    query: &Query<'_>,
    cells: &[CellInfo],
) -> std::result::Result<Selection, String> {
    if command == RUN_ALL {
        return Ok(Selection::All);
    }
    if command == RUN_STALE {
        return Ok(Selection::Stale);
    }
    let index = match (argument.cell, argument.position) {
        (Some(index), _) => cells
            .iter()
            .any(|info| info.cell.index == index)
            .then_some(index),
        (None, Some(position)) => {
            let offset = convert::offset(query.open.document.rope(), position, query.encoding);
            cells
                .iter()
                .find(|info| (info.cell.range.start..=info.cell.range.end).contains(&offset))
                .map(|info| info.cell.index)
        }
        (None, None) => return Err(format!("`{command}` needs `cell` or `position`")),
    };
    let index = index.ok_or_else(|| match argument.cell {
        Some(index) => format!("there is no cell {index}; the script has {}", cells.len()),
        None => "there is no cell at this position".to_owned(),
    })?;
    Ok(if command == RUN_ABOVE {
        Selection::Above(index)
    } else {
        Selection::One(index)
    })
}

/// The cells of a selection, ready to run. One named cell that cannot run is an error; among several,
/// cells without a runtime are left out.
fn planned(
    selection: &Selection,
    cells: &[CellInfo],
    query: &Query<'_>,
    document: &str,
) -> std::result::Result<Vec<PlannedCell>, String> {
    let rope = query.open.document.rope();
    let declared: Arc<[_]> = metascript_sandbox::declared(&query.open.document).into();
    let faces = faces(query, cells);
    query.state.run_log.follow(document, &faces);
    let states = query.state.run_log.states(query, cells);
    let findings = query.state.security.open_document(query.name, query.open);
    let policy = query.state.security.policy_for(&query.open.document);
    let keeps = query.state.sessions.keeper().is_some();
    let mut out = Vec::new();
    for ((info, face), state) in cells.iter().zip(faces).zip(states) {
        let index = info.cell.index;
        let wanted = match selection {
            Selection::One(one) => index == *one,
            Selection::Above(end) => index < *end,
            Selection::All => true,
            Selection::Making(names) => info.defines.iter().any(|name| names.contains(name)),
            Selection::Stale => state != Freshness::Fresh,
        };
        if !wanted {
            continue;
        }
        if let Some(reason) = refusal(info, true) {
            if matches!(selection, Selection::One(_)) {
                return Err(reason);
            }
            continue;
        }
        let file = uri::file_name(document);
        let Some(source) = CellSource::of_script(&info.cell, &query.open.document, &file) else {
            continue;
        };
        let blocked = policy.blocking(&findings, &info.cell.range).map(|finding| {
            let at = finding.range.start.saturating_sub(info.cell.code.start);
            (policy.refusal(finding), at)
        });
        out.push(PlannedCell {
            blocked,
            face,
            declared: Arc::clone(&declared),
            run: CellRun {
                text_document: VersionedDocument {
                    uri: document.to_owned(),
                    version: query.open.version,
                },
                cell: index,
                run: 0,
                language: info.cell.language.as_str().to_owned(),
                range: convert::range(rope, &info.cell.range, query.encoding),
                code: keeps
                    .then(|| kept::key(info.cell.language.as_str(), &source.code))
                    .unwrap_or_default(),
            },
            source,
        });
    }
    Ok(out)
}

/// For tests of the argument's shape.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_names_a_cell_or_a_position() {
        let value = json!({ "uri": "file:///a.tars", "position": { "line": 1, "character": 2 } });
        let argument: Argument = serde_json::from_value(value).unwrap();
        assert_eq!(argument.position.map(|at| at.line), Some(1));
    }
}
