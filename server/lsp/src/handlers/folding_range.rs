//! `textDocument/foldingRange`.

use std::sync::Arc;

use metascript_analysis::FoldKind;
use tower_lsp_server::gen_lsp_types::{FoldingRange, FoldingRangeKind, FoldingRangeParams};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: FoldingRangeParams,
) -> Result<Option<Vec<FoldingRange>>> {
    let lines_only = state.features().line_folding_only;
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let folds = query.analysis.folding_ranges(query.file)?;
            Ok(folds
                .iter()
                .map(|fold| {
                    let range = convert::range(rope, &fold.range, query.encoding);
                    // A client that folds whole lines would swallow the closing brace's line.
                    let closing = fold.kind == FoldKind::Comment;
                    let end_line = if lines_only && !closing && range.end.line > range.start.line {
                        range.end.line - 1
                    } else {
                        range.end.line
                    };
                    FoldingRange {
                        start_line: range.start.line,
                        start_character: (!lines_only).then_some(range.start.character),
                        end_line,
                        end_character: (!lines_only).then_some(range.end.character),
                        kind: match fold.kind {
                            FoldKind::Comment => Some(FoldingRangeKind::Comment),
                            _ => Some(FoldingRangeKind::Region),
                        },
                        collapsed_text: None,
                    }
                })
                .filter(|fold| fold.end_line > fold.start_line || fold.start_character.is_some())
                .collect())
        })
        .await
}
