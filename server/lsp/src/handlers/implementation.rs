//! `textDocument/implementation`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    Definition, ImplementationResponse, TextDocumentPositionParams,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::place;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    at: TextDocumentPositionParams,
) -> Result<Option<ImplementationResponse>> {
    let uri = at.text_document.uri.clone();
    let found = state
        .query_all(&uri, move |query| {
            let offset = convert::offset(query.open.document.rope(), at.position, query.encoding);
            let targets = query.analysis.implementation(query.file, offset)?;
            place::targets(query, &at.text_document.uri, &targets)
        })
        .await?
        .unwrap_or_default();
    Ok((!found.is_empty()).then(|| Definition::from(found).into()))
}
