//! `textDocument/selectionRange`.

use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{Range, SelectionRange, SelectionRangeParams};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: SelectionRangeParams,
) -> Result<Option<Vec<SelectionRange>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offsets: Vec<usize> = params
                .positions
                .iter()
                .map(|at| convert::offset(rope, *at, query.encoding))
                .collect();
            let found = query.analysis.selection_ranges(query.file, &offsets)?;
            Ok(found
                .iter()
                .zip(&params.positions)
                .map(|(ranges, at)| {
                    // One answer for each position, even where nothing is: the position itself.
                    let here = Range {
                        start: *at,
                        end: *at,
                    };
                    ranges
                        .iter()
                        .rev()
                        .map(|range| convert::range(rope, range, query.encoding))
                        .fold(None, |parent, range| {
                            Some(SelectionRange {
                                range,
                                parent: parent.map(Box::new),
                            })
                        })
                        .unwrap_or(SelectionRange {
                            range: here,
                            parent: None,
                        })
                })
                .collect())
        })
        .await
}
