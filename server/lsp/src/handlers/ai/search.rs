//! Semantic search over the blocks of the workspace.

use std::sync::Arc;

use metascript_assist::Assist;
use serde::Serialize;
use tower_lsp_server::gen_lsp_types::{LspAny, Position};
use tower_lsp_server::jsonrpc::{Error, Result};

use super::request::Argument;
use super::{failed, to_value};
use crate::state::State;
use crate::uri;

/// Hits, when the client does not say how many.
const COUNT: usize = 10;

/// Most hits that are given.
const MAX_COUNT: usize = 100;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    uri: String,
    /// The script's name in the workspace.
    name: String,
    /// The first line of the block.
    position: Position,
    text: String,
    /// Likeness, 1 at best.
    score: f32,
}

pub(super) async fn run(
    state: &Arc<State>,
    assist: &Arc<Assist>,
    argument: &Argument,
) -> Result<Option<LspAny>> {
    let question = argument
        .text
        .clone()
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Error::invalid_params("the search needs `text`"))?;
    let files = state
        .workspace_query(|analysis| {
            let mut files = Vec::new();
            for (file, path) in analysis.files()? {
                // Only the document is kept.
                if let Some(document) = analysis.apart()?.document(file)? {
                    files.push((path, document));
                }
            }
            Ok(files)
        })
        .await?;
    let (paths, scripts): (Vec<_>, Vec<_>) = files
        .into_iter()
        .map(|(path, document)| {
            let name = state.assistant.name(&path);
            ((name.clone(), path), (name, document))
        })
        .unzip();
    let count = argument.count.unwrap_or(COUNT).clamp(1, MAX_COUNT);
    // One index for all: two searches at a time would embed the same blocks twice.
    let _turn = state.ai.searching.lock().await;
    let told = |error: &dyn std::fmt::Display| failed(error.to_string());
    assist
        .index_blocks(&scripts)
        .await
        .map_err(|error| told(&error))?;
    let found = assist
        .search_blocks(&question, count)
        .await
        .map_err(|error| told(&error))?;
    let hits: Vec<Hit> = found
        .into_iter()
        .filter_map(|hit| {
            let (_, path) = paths.iter().find(|(name, _)| *name == hit.script)?;
            Some(Hit {
                uri: uri::from_path(path)?.0,
                name: hit.script,
                position: Position {
                    line: u32::try_from(hit.line.saturating_sub(1)).ok()?,
                    character: 0,
                },
                text: hit.text,
                score: hit.score,
            })
        })
        .collect();
    to_value(serde_json::json!({ "hits": hits }))
}
