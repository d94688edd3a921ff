//! `metascript/cells`: where the cells are and whether they can run.

use std::sync::Arc;

use metascript_analysis::freshness::Freshness;
use metascript_analysis::{CellInfo, Runnable};
use metascript_sandbox::Language;
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{Range, TextDocumentIdentifier};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::sessions::Sessions;
use crate::state::{Query, State};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Params {
    pub(crate) text_document: TextDocumentIdentifier,
}

/// One cell, as docs/protocol.md describes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CellDescription {
    index: usize,
    language: String,
    range: Range,
    code_range: Range,
    runnable: bool,
    reason: Option<String>,
    /// `never`, `fresh`, `failed` or `stale`.
    state: &'static str,
    /// Why it is stale, for people.
    because: Option<String>,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: Params,
) -> Result<Option<Vec<CellDescription>>> {
    let enabled = state.options().run.enabled;
    state
        .query(&params.text_document.uri, move |query| {
            let cells = query.analysis.cells(query.file)?;
            let states = query.state.run_log.states(query, &cells);
            Ok(cells
                .iter()
                .zip(states)
                .map(|(info, state)| describe(info, state, query, enabled))
                .collect())
        })
        .await
}

fn describe(
    info: &CellInfo,
    state: Freshness,
    query: &Query<'_>,
    enabled: bool,
) -> CellDescription {
    let (state, because) = match state {
        Freshness::Never => ("never", None),
        Freshness::Fresh => ("fresh", None),
        Freshness::Failed => ("failed", None),
        Freshness::Stale(cause) => ("stale", Some(cause.to_string())),
    };
    let rope = query.open.document.rope();
    let reason = refusal(info, enabled);
    CellDescription {
        index: info.cell.index,
        language: info.cell.language.as_str().to_owned(),
        range: convert::range(rope, &info.cell.range, query.encoding),
        code_range: convert::range(rope, &info.cell.code, query.encoding),
        runnable: reason.is_none(),
        reason,
        state,
        because,
    }
}

/// Why a cell cannot run, for people; `None` when it can.
pub(crate) fn refusal(info: &CellInfo, enabled: bool) -> Option<String> {
    let language = info.cell.language.as_str();
    if info.runnable == Runnable::Empty {
        return Some("the cell is empty".to_owned());
    }
    if !enabled {
        return Some(
            "running cells is switched off here (untrusted workspace or `run.enabled: false`)"
                .to_owned(),
        );
    }
    match Language::from_name(language) {
        Some(Language::Rust) => metascript_sandbox::rust_toolchain()
            .err()
            .map(|error| error.to_string()),
        Some(_) => None,
        None => Some(format!(
            "{language} has no runtime here; these languages have: {}",
            Sessions::languages().join(", ")
        )),
    }
}
