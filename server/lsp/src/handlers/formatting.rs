//! `textDocument/formatting`, `rangeFormatting` and `onTypeFormatting`.

use std::sync::Arc;

use metascript_syntax::format::{self, FormatOptions, Indent};
use metascript_syntax::{self as syntax, Document};
use tower_lsp_server::gen_lsp_types::{
    DocumentFormattingParams, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams,
    DocumentRangesFormattingParams, FormattingOptions, TextEdit,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::edit;
use crate::state::{Query, State};

pub(crate) async fn document(
    state: &Arc<State>,
    params: DocumentFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let document = &query.open.document;
            let edits = format::document(document, &options(document, &params.options));
            Ok(convert_all(&edits, query))
        })
        .await
}

pub(crate) async fn range(
    state: &Arc<State>,
    params: DocumentRangeFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let document = &query.open.document;
            let rope = document.rope();
            let start = convert::offset(rope, params.range.start, query.encoding);
            let end = convert::offset(rope, params.range.end, query.encoding);
            let edits = format::range(
                document,
                start.min(end)..start.max(end),
                &options(document, &params.options),
            );
            Ok(convert_all(&edits, query))
        })
        .await
}

pub(crate) async fn ranges(
    state: &Arc<State>,
    params: DocumentRangesFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let document = &query.open.document;
            let rope = document.rope();
            let options = options(document, &params.options);
            let mut edits: Vec<syntax::TextEdit> = Vec::new();
            for range in &params.ranges {
                let start = convert::offset(rope, range.start, query.encoding);
                let end = convert::offset(rope, range.end, query.encoding);
                edits.extend(format::range(
                    document,
                    start.min(end)..start.max(end),
                    &options,
                ));
            }
            // Ranges may touch the same line: an edit that both ask for is made once.
            edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
            edits.dedup();
            Ok(convert_all(&edits, query))
        })
        .await
}

pub(crate) async fn on_type(
    state: &Arc<State>,
    params: DocumentOnTypeFormattingParams,
) -> Result<Option<Vec<TextEdit>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let document = &query.open.document;
            let offset = convert::offset(document.rope(), params.position, query.encoding);
            let Some(typed) = params.ch.chars().next() else {
                return Ok(Vec::new());
            };
            let edits =
                format::on_type(document, offset, typed, &options(document, &params.options));
            Ok(convert_all(&edits, query))
        })
        .await
}

/// What the editor asks for. Its tab size is a default of the editor, so a document that is already
/// indented keeps what it has.
fn options(document: &Document, asked: &FormattingOptions) -> FormatOptions {
    let indented = document.rope().lines().take(1000).any(|line| {
        line.chars()
            .next()
            .is_some_and(|first| first == ' ' || first == '\t')
    });
    let width = u8::try_from(asked.tab_size).unwrap_or(4).clamp(1, 16);
    FormatOptions {
        indent: (!indented).then_some(if asked.insert_spaces {
            Indent::Spaces(width)
        } else {
            Indent::Tab
        }),
        insert_final_newline: asked.insert_final_newline.unwrap_or(true),
        trim_trailing_whitespace: asked.trim_trailing_whitespace.unwrap_or(true),
    }
}

fn convert_all(edits: &[syntax::TextEdit], query: &Query<'_>) -> Vec<TextEdit> {
    edit::text_edits(query.open.document.rope(), edits, query)
}
