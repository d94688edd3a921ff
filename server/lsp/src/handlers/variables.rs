//! `metascript/variables`: what the live session of a script holds.

use std::sync::Arc;
use std::time::Duration;

use metascript_sandbox::VariableInfo;
use serde::Serialize;
use tower_lsp_server::gen_lsp_types::Range;
use tower_lsp_server::jsonrpc::Result;

use super::cells::Params;
use crate::convert;
use crate::sessions::Held;
use crate::state::{Query, State};

/// A session that starts may take this long to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Variables that go over the wire.
const MOST: usize = 1_000;

/// The variables of a session.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variables {
    /// There is a session.
    live: bool,
    /// A cell runs: the variables are told when it is over.
    busy: bool,
    variables: Vec<Variable>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Variable {
    name: String,
    #[serde(rename = "type")]
    type_name: String,
    preview: String,
    size: Option<u64>,
    /// The language that holds it; `null`: the script itself declares it.
    language: Option<&'static str>,
    /// The last cell that defines it.
    cell: Option<usize>,
    /// That cell.
    range: Option<Range>,
}

pub(crate) async fn handle(state: &Arc<State>, params: Params) -> Result<Variables> {
    let name = params.text_document.uri.as_ref().to_owned();
    let busy = Variables {
        live: true,
        busy: true,
        variables: Vec::new(),
    };
    let held = match state.sessions.variables(&name) {
        Held::NoSession => return Ok(Variables::default()),
        Held::Busy => return Ok(busy),
        Held::Asked(held) => held,
    };
    let held = tokio::time::timeout(PATIENCE, held).await;
    let Some(held) = held.ok().and_then(std::result::Result::ok) else {
        return Ok(busy);
    };
    let variables = state
        .query(&params.text_document.uri, move |query| {
            let cells = query.analysis.cells(query.file)?;
            Ok(held
                .iter()
                .take(MOST)
                .map(|variable| describe(variable, &cells, query))
                .collect())
        })
        .await?;
    Ok(Variables {
        live: true,
        busy: false,
        variables: variables.unwrap_or_default(),
    })
}

fn describe(
    variable: &VariableInfo,
    cells: &[metascript_analysis::CellInfo],
    query: &Query<'_>,
) -> Variable {
    let origin = cells
        .iter()
        .rev()
        .find(|info| info.defines.contains(&variable.name));
    Variable {
        cell: origin.map(|info| info.cell.index),
        range: origin.map(|info| {
            let rope = query.open.document.rope();
            convert::range(rope, &info.cell.range, query.encoding)
        }),
        name: variable.name.clone(),
        type_name: variable.type_name.clone(),
        preview: variable.preview.clone(),
        size: variable.size,
        language: variable.language.as_ref().map(|language| language.as_str()),
    }
}
