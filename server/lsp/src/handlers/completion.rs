//! `textDocument/completion` and `completionItem/resolve`.
//!
//! A client that can resolve gets the list without documentation and asks for that of the item that the user looks at.

use std::collections::HashSet;
use std::sync::Arc;

use metascript_analysis::{self as analysis, Cancellable, CompletionKind, Docs};
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionList, CompletionParams,
    CompletionResponse, Documentation, InsertTextFormat, MarkupContent, MarkupKind, TextEdit, Uri,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::handlers::{fsharp, live_members};
use crate::state::{Query, State};

/// What finds an item's documentation later.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    uri: String,
    version: i32,
    docs: Docs,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: CompletionParams,
) -> Result<Option<CompletionResponse>> {
    let at = params.text_document_position_params;
    let snippets = state.features().snippets;
    let found = state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let list = query.analysis.completions(query.file, offset)?;
            let items: Cancellable<Vec<CompletionItem>> = list
                .items
                .into_iter()
                .map(|item| convert_one(item, query, snippets))
                .collect();
            let list = CompletionList {
                is_incomplete: list.incomplete,
                items: items?,
                ..CompletionList::default()
            };
            let live = live_members::question(query, offset)?;
            Ok((list, live, fsharp::question(query, offset)?))
        })
        .await?;
    let Some((mut list, live, fsharp)) = found else {
        return Ok(None);
    };
    if let Some(question) = live {
        let mut live = live_members::ask(state, question).await;
        live.retain(|member| list.items.iter().all(|known| known.label != member.label));
        list.items.extend(live);
    }
    if let Some(question) = fsharp {
        let known: HashSet<String> = list.items.iter().map(|item| item.label.clone()).collect();
        let found = fsharp::complete(state, question).await.into_iter();
        list.items
            .extend(found.filter(|item| !known.contains(&item.label)));
    }
    Ok(Some(list.into()))
}

/// Adds the documentation. An item of a text that has moved on stays as it is: it can still be inserted.
pub(crate) async fn resolve(
    state: &Arc<State>,
    mut item: CompletionItem,
) -> Result<CompletionItem> {
    let Some(data) = item.data.clone() else {
        return Ok(item);
    };
    let ticket: Ticket = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("completionItem/resolve: {error}")))?;
    let found = state
        .query(&Uri(ticket.uri), move |query| {
            let moved = query.open.version != ticket.version;
            if moved && matches!(ticket.docs, Docs::Value(_)) {
                return Ok(None);
            }
            query.analysis.documentation(query.file, &ticket.docs)
        })
        .await?
        .flatten();
    if let Some(text) = found {
        item.documentation = Some(markdown(text));
    }
    Ok(item)
}

fn markdown(value: String) -> Documentation {
    MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    }
    .into()
}

fn convert_one(
    item: analysis::CompletionItem,
    query: &Query<'_>,
    snippets: bool,
) -> Cancellable<CompletionItem> {
    let lazy = query.features.resolve_completion_docs;
    let (mut documentation, mut data) = (None, None);
    match item.documentation {
        Some(docs) if lazy => {
            let ticket = Ticket {
                uri: query.name.to_owned(),
                version: query.open.version,
                docs,
            };
            data = serde_json::to_value(ticket).ok();
        }
        Some(docs) => {
            let text = query.analysis.documentation(query.file, &docs)?;
            documentation = text.map(markdown);
        }
        None => {}
    }
    let rope = query.open.document.rope();
    // A client without snippets gets the label: better a plain word than "${1:value}" in the text.
    let (text, format) = if item.snippet && snippets {
        (item.text, InsertTextFormat::Snippet)
    } else if item.snippet {
        (item.label.clone(), InsertTextFormat::PlainText)
    } else {
        (item.text, InsertTextFormat::PlainText)
    };
    Ok(CompletionItem {
        label: item.label,
        kind: Some(kind(item.kind)),
        tags: item.deprecated.then(|| vec![CompletionItemTag::Deprecated]),
        detail: item.detail,
        documentation,
        data,
        sort_text: Some(item.sort),
        filter_text: Some(item.filter),
        insert_text_format: Some(format),
        text_edit: Some(
            TextEdit {
                range: convert::range(rope, &item.replace, query.encoding),
                new_text: text,
            }
            .into(),
        ),
        ..CompletionItem::default()
    })
}

fn kind(kind: CompletionKind) -> CompletionItemKind {
    match kind {
        CompletionKind::Block => CompletionItemKind::Keyword,
        CompletionKind::Property => CompletionItemKind::Property,
        CompletionKind::Value => CompletionItemKind::EnumMember,
        CompletionKind::Variable => CompletionItemKind::Variable,
        CompletionKind::Function => CompletionItemKind::Function,
        CompletionKind::Reference => CompletionItemKind::Reference,
        CompletionKind::File => CompletionItemKind::File,
        CompletionKind::Language | CompletionKind::Module => CompletionItemKind::Module,
    }
}
