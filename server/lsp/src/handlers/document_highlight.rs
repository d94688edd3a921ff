//! `textDocument/documentHighlight`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    DocumentHighlight, DocumentHighlightKind, DocumentHighlightParams,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: DocumentHighlightParams,
) -> Result<Option<Vec<DocumentHighlight>>> {
    let at = params.text_document_position_params;
    let uri = at.text_document.uri.clone();
    state
        .query(&uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let found = query.analysis.document_highlights(query.file, offset)?;
            Ok(found
                .iter()
                .map(|highlight| DocumentHighlight {
                    range: convert::range(rope, &highlight.range, query.encoding),
                    kind: Some(if highlight.write {
                        DocumentHighlightKind::Write
                    } else {
                        DocumentHighlightKind::Read
                    }),
                })
                .collect())
        })
        .await
}
