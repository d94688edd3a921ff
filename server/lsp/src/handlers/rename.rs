//! `textDocument/prepareRename` and `textDocument/rename`.
//!
//! A rename that would change what a script does is refused; the reason is the error's message, which
//! editors show.

use std::sync::Arc;

use metascript_analysis::Refusal;
use tower_lsp_server::gen_lsp_types::{
    PrepareRenamePlaceholder, PrepareRenameResult, RenameParams, TextDocumentPositionParams,
    WorkspaceEdit,
};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};

use crate::convert;
use crate::handlers::edit;
use crate::state::State;

/// LSP's `RequestFailed`: the request was right, and cannot be done.
const REQUEST_FAILED: i64 = -32803;

pub(crate) async fn prepare(
    state: &Arc<State>,
    at: TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResult>> {
    let answer = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let target = query.analysis.prepare_rename(query.file, offset)?;
            Ok(target.map(|target| {
                PrepareRenameResult::from(PrepareRenamePlaceholder {
                    range: convert::range(rope, &target.range, query.encoding),
                    placeholder: target.name,
                })
            }))
        })
        .await?;
    answer.transpose().map_err(refused)
}

pub(crate) async fn rename(
    state: &Arc<State>,
    params: RenameParams,
) -> Result<Option<WorkspaceEdit>> {
    let at = params.text_document_position_params;
    let uri = at.text_document.uri.clone();
    let answer = state
        .query_all(&uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let change = query
                .analysis
                .rename(query.file, offset, &params.new_name)?;
            match change {
                Ok(change) => {
                    edit::workspace_edit(query, &at.text_document.uri, &change.edits).map(Ok)
                }
                Err(refusal) => Ok(Err(refusal)),
            }
        })
        .await?;
    answer.transpose().map_err(refused)
}

fn refused(refusal: Refusal) -> Error {
    Error {
        code: ErrorCode::ServerError(REQUEST_FAILED),
        message: refusal.reason.into(),
        data: None,
    }
}
