//! `textDocument/codeLens`: run this cell, run all above, run all.

use std::sync::Arc;

use metascript_analysis::CellInfo;
use serde_json::json;
use tower_lsp_server::gen_lsp_types::{CodeLens, CodeLensParams, Command, Range};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::handlers::cells::refusal;
use crate::handlers::execute_command::{RUN_ABOVE, RUN_ALL, RUN_CELL};
use crate::state::State;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: CodeLensParams,
) -> Result<Option<Vec<CodeLens>>> {
    let enabled = state.options().run.enabled;
    let uri = params.text_document.uri;
    let document = uri.clone();
    state
        .query(&document, move |query| {
            let rope = query.open.document.rope();
            let cells = query.analysis.cells(query.file)?;
            let runnable: Vec<&CellInfo> = cells
                .iter()
                .filter(|info| refusal(info, enabled).is_none())
                .collect();
            let mut lenses = Vec::new();
            for (position, info) in runnable.iter().enumerate() {
                let start = convert::position(rope, info.cell.range.start, query.encoding);
                let range = Range { start, end: start };
                let argument = json!({ "uri": uri.as_ref(), "cell": info.cell.index });
                lenses.push(lens(range, "▶ Run cell", RUN_CELL, argument.clone()));
                if position > 0 {
                    lenses.push(lens(range, "Run all above", RUN_ABOVE, argument));
                } else if runnable.len() > 1 {
                    let argument = json!({ "uri": uri.as_ref() });
                    lenses.push(lens(range, "Run all", RUN_ALL, argument));
                }
            }
            Ok(lenses)
        })
        .await
}

fn lens(range: Range, title: &str, command: &str, argument: serde_json::Value) -> CodeLens {
    CodeLens {
        range,
        command: Some(Command {
            title: title.to_owned(),
            command: command.to_owned(),
            arguments: Some(vec![argument]),
            tooltip: None,
        }),
        data: None,
    }
}
