//! `textDocument/inlayHint`.

use std::sync::Arc;

use metascript_analysis::InlayKind;
use tower_lsp_server::gen_lsp_types::{InlayHint, InlayHintKind, InlayHintParams, Label};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: InlayHintParams,
) -> Result<Option<Vec<InlayHint>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let start = convert::offset(rope, params.range.start, query.encoding);
            let end = convert::offset(rope, params.range.end, query.encoding);
            let hints = query
                .analysis
                .inlay_hints(query.file, start.min(end)..start.max(end))?;
            Ok(hints
                .into_iter()
                .map(|hint| InlayHint {
                    position: convert::position(rope, hint.position, query.encoding),
                    kind: match hint.kind {
                        InlayKind::Parameter => Some(InlayHintKind::Parameter),
                        InlayKind::Flow => None,
                    },
                    padding_left: Some(hint.kind == InlayKind::Flow),
                    padding_right: Some(hint.kind == InlayKind::Parameter),
                    label: Label::String(hint.label),
                    text_edits: None,
                    tooltip: None,
                    data: None,
                })
                .collect())
        })
        .await
}
