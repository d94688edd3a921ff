//! `textDocument/hover`.

use std::sync::Arc;

use metascript_security::explain;
use tower_lsp_server::gen_lsp_types::{Hover, HoverParams, MarkupContent, MarkupKind};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::fsharp;
use crate::state::State;

pub(crate) async fn handle(state: &Arc<State>, params: HoverParams) -> Result<Option<Hover>> {
    let at = params.text_document_position_params;
    let answer = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let hover = query.analysis.hover(query.file, offset)?;
            let question = fsharp::question(query, offset)?;
            let findings = query.state.security.open_document(query.name, query.open);
            let mut parts = Vec::new();
            let mut place = None;
            if let Some(hover) = hover {
                place = Some(hover.range);
                parts.push(hover.markdown);
            }
            for finding in findings.iter().filter(|one| one.range.contains(&offset)) {
                place.get_or_insert_with(|| finding.range.clone());
                parts.extend(explain(&finding.rule.id));
            }
            let place = place.map(|range| convert::range(rope, &range, query.encoding));
            Ok((parts, place, question))
        })
        .await?;
    let Some((mut parts, mut place, question)) = answer else {
        return Ok(None);
    };
    if let Some(question) = question
        && let Some((text, range)) = fsharp::hover(state, question).await
    {
        place.get_or_insert(range);
        parts.insert(0, text);
    }
    Ok(place.map(|range| Hover {
        contents: MarkupContent {
            kind: MarkupKind::Markdown,
            value: parts.join("\n\n---\n\n"),
        }
        .into(),
        range: Some(range),
    }))
}
