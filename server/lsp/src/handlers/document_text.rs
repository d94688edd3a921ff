//! `metascript/documentText`: the text that the server holds, for tests and bug reports.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::TextDocumentIdentifier;
use tower_lsp_server::jsonrpc::Result;

use crate::ordered;
use crate::state::State;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Params {
    pub(crate) text_document: TextDocumentIdentifier,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DocumentText {
    version: i32,
    text: String,
}

pub(crate) fn handle(state: &Arc<State>, params: &Params) -> Result<Option<DocumentText>> {
    let open =
        ordered::arrival().or_else(|| state.documents.get(params.text_document.uri.as_ref()));
    Ok(open.map(|open| DocumentText {
        version: open.version,
        text: open.text(),
    }))
}
