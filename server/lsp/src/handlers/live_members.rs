//! Members of live objects, for `textDocument/completion` inside a cell: what stands behind a dot is known to the session
//! that ran the cells before.

use std::sync::Arc;
use std::time::Duration;

use metascript_analysis::Cancellable;
use metascript_sandbox::{Completion, Language};
use tower_lsp_server::gen_lsp_types::{
    CompletionItem, CompletionItemKind, Position, Range, TextEdit,
};

use crate::convert;
use crate::state::{Query, State};

/// A list that comes later than this would open under the fingers of somebody who has typed on.
const PATIENCE: Duration = Duration::from_millis(200);

/// How many members go over the wire.
const MOST: usize = 100;

/// What a session is asked.
pub(crate) struct Question {
    name: String,
    language: Language,
    before: String,
    after: String,
    /// The cursor, and for each number of code points before it the position there.
    cursor: Position,
    starts: Vec<Position>,
}

/// The question that the cursor asks, if it stands behind a dot in a cell.
pub(crate) fn question(query: &Query<'_>, offset: usize) -> Cancellable<Option<Question>> {
    let document = &query.open.document;
    let cells = query.analysis.cells(query.file)?;
    let cell = cells
        .iter()
        .map(|info| &info.cell)
        .find(|cell| cell.code.start <= offset && offset <= cell.code.end);
    let Some((cell, language)) =
        cell.and_then(|cell| Some((cell, Language::from_name(cell.language.as_str())?)))
    else {
        return Ok(None);
    };
    let before = document.slice(cell.code.start..offset).into_owned();
    let typed = before
        .chars()
        .rev()
        .take_while(|c| c.is_alphanumeric() || *c == '_');
    let typed: Vec<usize> = typed.map(char::len_utf8).collect();
    let head = before.len() - typed.iter().sum::<usize>();
    let member = before.get(..head).is_some_and(|head| head.ends_with('.'));
    if !member {
        return Ok(None);
    }
    let mut at = offset;
    let mut starts = vec![convert::position(document.rope(), at, query.encoding)];
    for width in typed {
        at -= width;
        starts.push(convert::position(document.rope(), at, query.encoding));
    }
    Ok(Some(Question {
        name: query.name.to_owned(),
        language,
        after: document.slice(offset..cell.code.end).into_owned(),
        before,
        cursor: convert::position(document.rope(), offset, query.encoding),
        starts,
    }))
}

/// The members, if the script has a session that has time.
pub(crate) async fn ask(state: &Arc<State>, question: Question) -> Vec<CompletionItem> {
    let Question {
        name,
        language,
        before,
        after,
        cursor,
        starts,
    } = question;
    let Some(found) = state.sessions.complete(&name, language, before, after) else {
        return Vec::new();
    };
    let found = tokio::time::timeout(PATIENCE, found).await;
    let found = found.ok().and_then(Result::ok).unwrap_or_default();
    found
        .into_iter()
        .take(MOST)
        .enumerate()
        .filter_map(|(rank, member)| {
            let start = *starts.get(usize::try_from(member.replaces).ok()?)?;
            Some(item(member, rank, Range { start, end: cursor }))
        })
        .collect()
}

/// A name that takes the place of a range; `rank` says how far down it stands.
pub(crate) fn item(member: Completion, rank: usize, range: Range) -> CompletionItem {
    CompletionItem {
        kind: Some(match member.kind.as_str() {
            "function" => CompletionItemKind::Function,
            "method" => CompletionItemKind::Method,
            "class" => CompletionItemKind::Class,
            "module" => CompletionItemKind::Module,
            "keyword" => CompletionItemKind::Keyword,
            "property" => CompletionItemKind::Property,
            "namespace" => CompletionItemKind::Module,
            "interface" => CompletionItemKind::Interface,
            "enum" => CompletionItemKind::Enum,
            "enummember" => CompletionItemKind::EnumMember,
            "event" => CompletionItemKind::Event,
            "struct" | "type" | "union" | "exception" | "delegate" | "typedef" => {
                CompletionItemKind::Struct
            }
            _ => CompletionItemKind::Variable,
        }),
        detail: Some(member.detail).filter(|detail| !detail.is_empty()),
        sort_text: Some(format!("{rank:04}")),
        text_edit: Some(
            TextEdit {
                range,
                new_text: member.label.clone(),
            }
            .into(),
        ),
        label: member.label,
        ..CompletionItem::default()
    }
}
