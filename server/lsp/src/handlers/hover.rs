//! `textDocument/hover`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{Hover, HoverParams, MarkupContent, MarkupKind};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(state: &Arc<State>, params: HoverParams) -> Result<Option<Hover>> {
    let at = params.text_document_position_params;
    let answer = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let hover = query.analysis.hover(query.file, offset)?;
            Ok(hover.map(|hover| Hover {
                contents: MarkupContent {
                    kind: MarkupKind::Markdown,
                    value: hover.markdown,
                }
                .into(),
                range: Some(convert::range(rope, &hover.range, query.encoding)),
            }))
        })
        .await?;
    Ok(answer.flatten())
}
