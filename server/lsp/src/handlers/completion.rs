//! `textDocument/completion`.

use std::sync::Arc;

use metascript_analysis::{self as analysis, CompletionKind};
use tower_lsp_server::gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionItemTag, CompletionList, CompletionParams,
    CompletionResponse, InsertTextFormat, MarkupContent, MarkupKind, TextEdit,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::{Query, State};

pub(crate) async fn handle(
    state: &Arc<State>,
    params: CompletionParams,
) -> Result<Option<CompletionResponse>> {
    let at = params.text_document_position_params;
    let snippets = state.features().snippets;
    state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let list = query.analysis.completions(query.file, offset)?;
            Ok(CompletionList {
                is_incomplete: list.incomplete,
                items: list
                    .items
                    .into_iter()
                    .map(|item| convert_one(item, query, snippets))
                    .collect(),
                ..CompletionList::default()
            }
            .into())
        })
        .await
}

fn convert_one(
    item: analysis::CompletionItem,
    query: &Query<'_>,
    snippets: bool,
) -> CompletionItem {
    let rope = query.open.document.rope();
    // A client without snippets gets the label: better a plain word than "${1:value}" in the text.
    let (text, format) = if item.snippet && snippets {
        (item.text, InsertTextFormat::Snippet)
    } else if item.snippet {
        (item.label.clone(), InsertTextFormat::PlainText)
    } else {
        (item.text, InsertTextFormat::PlainText)
    };
    CompletionItem {
        label: item.label,
        kind: Some(kind(item.kind)),
        tags: item.deprecated.then(|| vec![CompletionItemTag::Deprecated]),
        detail: item.detail,
        documentation: item.documentation.map(|value| {
            MarkupContent {
                kind: MarkupKind::Markdown,
                value,
            }
            .into()
        }),
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
    }
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
        CompletionKind::Language => CompletionItemKind::Module,
    }
}
