//! `textDocument/linkedEditingRange`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{LinkedEditingRangeParams, LinkedEditingRanges};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: LinkedEditingRangeParams,
) -> Result<Option<LinkedEditingRanges>> {
    let at = params.text_document_position_params;
    let ranges = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let ranges = query.analysis.linked_ranges(query.file, offset)?;
            Ok(ranges
                .iter()
                .map(|range| convert::range(rope, range, query.encoding))
                .collect::<Vec<_>>())
        })
        .await?
        .unwrap_or_default();
    Ok((!ranges.is_empty()).then_some(LinkedEditingRanges {
        ranges,
        word_pattern: None,
    }))
}
