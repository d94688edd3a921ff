//! `textDocument/definition` and `textDocument/declaration`: in a metascript they are the same.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    Definition, DefinitionResponse, Location, TextDocumentPositionParams,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::place;
use crate::state::State;

/// Where the name at a position comes from.
pub(crate) async fn locations(
    state: &Arc<State>,
    at: TextDocumentPositionParams,
) -> Result<Vec<Location>> {
    let uri = at.text_document.uri.clone();
    let found = state
        .query_all(&uri, move |query| {
            let offset = convert::offset(query.open.document.rope(), at.position, query.encoding);
            let targets = query.analysis.definition(query.file, offset)?;
            place::targets(query, &at.text_document.uri, &targets)
        })
        .await?;
    Ok(found.unwrap_or_default())
}

pub(crate) async fn handle(
    state: &Arc<State>,
    at: TextDocumentPositionParams,
) -> Result<Option<DefinitionResponse>> {
    let found = locations(state, at).await?;
    Ok((!found.is_empty()).then(|| Definition::from(found).into()))
}
