//! `textDocument/codeLens` and `codeLens/resolve`: run this cell, run all above, run all; what the cell needs from the
//! machine.

use std::cell::LazyCell;
use std::sync::Arc;

use metascript_analysis::CellInfo;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tower_lsp_server::gen_lsp_types::{CodeLens, CodeLensParams, Command, Range};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::handlers::capabilities;
use crate::handlers::cells::refusal;
use crate::handlers::execute_command::{RUN_ABOVE, RUN_ALL, RUN_CELL, SHOW_POLICY};
use crate::state::State;

/// What a lens does, kept for when the client draws it.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    uri: String,
    cell: usize,
    run: Run,
    /// What the lens says, where that depends on the cell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    says: Option<String>,
}

/// Which cells a lens runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Run {
    One,
    Above,
    All,
    /// Runs nothing: shows what the policy grants.
    Policy,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: CodeLensParams,
) -> Result<Option<Vec<CodeLens>>> {
    let enabled = state.options().run.enabled;
    let uri = params.text_document.uri;
    let document = uri.clone();
    state
        .query(&document, move |query| {
            let rope = query.open.document.rope();
            let cells = query.analysis.cells(query.file)?;
            let runnable: Vec<&CellInfo> = cells
                .iter()
                .filter(|info| refusal(info, enabled).is_none())
                .collect();
            let needs = query.state.security.needs(query.name, query.open);
            // Read from files, and only where a cell needs something.
            let policy = LazyCell::new(|| capabilities::policy_of(query.state, query.name).ok());
            let mut lenses = Vec::new();
            for (position, info) in runnable.iter().enumerate() {
                let start = convert::position(rope, info.cell.range.start, query.encoding);
                let range = Range { start, end: start };
                let mut add = |run: Run, says: Option<String>| {
                    let ticket = Ticket {
                        uri: uri.as_ref().to_owned(),
                        cell: info.cell.index,
                        run,
                        says,
                    };
                    lenses.push(lens(range, ticket, query.features.resolve_lens_command));
                };
                add(Run::One, None);
                if position > 0 {
                    add(Run::Above, None);
                } else if runnable.len() > 1 {
                    add(Run::All, None);
                }
                let of_cell = needs.get(info.cell.index).map_or(&[][..], Vec::as_slice);
                if !of_cell.is_empty()
                    && let Some(found) = policy.as_ref()
                    && let Some(says) = capabilities::summary(of_cell, &found.policy)
                {
                    add(Run::Policy, Some(says));
                }
            }
            Ok(lenses)
        })
        .await
}

/// Adds the command.
pub(crate) fn resolve(mut lens: CodeLens) -> Result<CodeLens> {
    if lens.command.is_some() {
        return Ok(lens);
    }
    let data = lens.data.clone().unwrap_or_default();
    let ticket: Ticket = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("codeLens/resolve: {error}")))?;
    lens.command = Some(command(&ticket));
    Ok(lens)
}

fn lens(range: Range, ticket: Ticket, lazy: bool) -> CodeLens {
    CodeLens {
        range,
        command: (!lazy).then(|| command(&ticket)),
        data: lazy.then(|| serde_json::to_value(ticket).ok()).flatten(),
    }
}

fn command(ticket: &Ticket) -> Command {
    let (title, command) = match ticket.run {
        Run::One => ("▶ Run cell", RUN_CELL),
        Run::Above => ("Run all above", RUN_ABOVE),
        Run::All => ("Run all", RUN_ALL),
        Run::Policy => (ticket.says.as_deref().unwrap_or("Policy"), SHOW_POLICY),
    };
    let argument = match ticket.run {
        Run::All | Run::Policy => json!({ "uri": ticket.uri }),
        Run::One | Run::Above => json!({ "uri": ticket.uri, "cell": ticket.cell }),
    };
    Command {
        title: title.to_owned(),
        command: command.to_owned(),
        arguments: Some(vec![argument]),
        tooltip: None,
    }
}
