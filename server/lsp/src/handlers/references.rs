//! `textDocument/references`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{Location, ReferenceParams};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::place;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: ReferenceParams,
) -> Result<Option<Vec<Location>>> {
    let at = params.text_document_position_params;
    let declaration = params.context.include_declaration;
    let uri = at.text_document.uri.clone();
    state
        .query_all(&uri, move |query| {
            let offset = convert::offset(query.open.document.rope(), at.position, query.encoding);
            let found = query.analysis.references(query.file, offset, declaration)?;
            let mut out = Vec::new();
            for item in found {
                out.extend(place::location(
                    query,
                    &at.text_document.uri,
                    item.file,
                    &item.range,
                )?);
            }
            Ok(out)
        })
        .await
}
