//! `textDocument/inlineCompletion`.

use std::sync::Arc;

use metascript_assist::{Candidate, InlineRequest};
use serde_json::json;
use tower_lsp_server::gen_lsp_types::{
    Command, InlineCompletionItem, InlineCompletionList, InlineCompletionParams,
    InlineCompletionResponse, InlineCompletionTriggerKind, InsertText, Position, Range, Uri,
};
use tower_lsp_server::jsonrpc::Result;

use crate::handlers::execute_command::SUGGESTION_ACCEPTED;
use crate::state::State;
use crate::{assistant, convert, uri};

pub(crate) async fn handle(
    state: &Arc<State>,
    params: InlineCompletionParams,
) -> Result<Option<InlineCompletionResponse>> {
    let at = params.text_document_position_params;
    let document = at.text_document.uri;
    let invoked = params.context.trigger_kind == InlineCompletionTriggerKind::Invoked;
    let candidates = suggest(state, &document, at.position, invoked).await?;
    assistant::tell_notices(state).await;
    let here = Range {
        start: at.position,
        end: at.position,
    };
    let items = candidates
        .into_iter()
        .map(|candidate| item(candidate, &document, here))
        .collect();
    Ok(Some(InlineCompletionList { items }.into()))
}

/// The assistant's suggestions for a place, the best first.
pub(crate) async fn suggest(
    state: &Arc<State>,
    document: &Uri,
    position: Position,
    invoked: bool,
) -> Result<Vec<Candidate>> {
    let Some(assist) = state.assistant.get().map(Arc::clone) else {
        return Ok(Vec::new());
    };
    state.assistant.read_workspace().await;
    let name = state.assistant.name(&uri::path(document.as_ref()));
    let request = state
        .query(document, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, position, query.encoding);
            if !invoked && before_text(rope, offset) {
                return Ok(None);
            }
            let request = InlineRequest {
                name: name.clone(),
                document: query.open.document.clone(),
                offset,
                invoked,
                scope: assistant::scope(query, offset)?,
            };
            Ok(Some((request, query.open.revision)))
        })
        .await?
        .flatten();
    let Some((request, revision)) = request else {
        return Ok(Vec::new());
    };
    let found = assist.inline(request).await;
    // Typing went on meanwhile: what was found is for another text.
    let current = state.documents.get(document.as_ref());
    let is_late = current.is_none_or(|open| open.revision != revision);
    Ok(if is_late { Vec::new() } else { found })
}

/// Whether more than closing marks follows in the line: who types there changes what is written, and a suggestion that
/// nobody asked for would push it away.
fn before_text(rope: &ropey::Rope, offset: usize) -> bool {
    let line = rope.byte_to_line(offset);
    let text = rope.line(line).to_string();
    let rest = text
        .get(offset.saturating_sub(rope.line_to_byte(line))..)
        .unwrap_or_default();
    rest.chars()
        .any(|c| !c.is_whitespace() && !matches!(c, '}' | ']' | ')' | '"' | '\'' | ',' | ';'))
}

fn item(candidate: Candidate, document: &Uri, range: Range) -> InlineCompletionItem {
    InlineCompletionItem {
        command: Some(Command {
            title: format!("Suggested by {}", candidate.origin),
            command: SUGGESTION_ACCEPTED.to_owned(),
            arguments: Some(vec![json!({
                "candidate": candidate.id,
                "uri": document.as_ref(),
                "text": candidate.text,
            })]),
            tooltip: None,
        }),
        insert_text: InsertText::String(candidate.text),
        filter_text: None,
        range: Some(range),
    }
}
