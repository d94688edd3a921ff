//! `workspace/willRenameFiles`: imports follow the files and folders that move.

use std::path::PathBuf;
use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{RenameFilesParams, WorkspaceEdit};
use tower_lsp_server::jsonrpc::Result;

use crate::handlers::edit;
use crate::state::State;
use crate::uri;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: RenameFilesParams,
) -> Result<Option<WorkspaceEdit>> {
    let moves: Vec<(PathBuf, PathBuf)> = params
        .files
        .iter()
        .map(|file| {
            (
                uri::path(file.old_uri.as_ref()),
                uri::path(file.new_uri.as_ref()),
            )
        })
        .collect();
    let of = Arc::clone(state);
    state
        .workspace_query(move |analysis| {
            let change = analysis.moved(&moves)?;
            if change.edits.is_empty() {
                return Ok(None);
            }
            edit::in_workspace(&of, analysis, &change.edits).map(Some)
        })
        .await
}
