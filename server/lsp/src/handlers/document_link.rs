//! `textDocument/documentLink`.

use std::sync::Arc;

use metascript_analysis::LinkTarget;
use tower_lsp_server::gen_lsp_types::{DocumentLink, DocumentLinkParams, Uri};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::state::State;
use crate::uri;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: DocumentLinkParams,
) -> Result<Option<Vec<DocumentLink>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let links = query.analysis.document_links(query.file)?;
            Ok(links
                .into_iter()
                .filter_map(|link| {
                    let target = match link.target {
                        LinkTarget::Url(url) => Uri(url),
                        LinkTarget::File(path) => uri::from_path(&path)?,
                    };
                    Some(DocumentLink {
                        range: convert::range(rope, &link.range, query.encoding),
                        target: Some(target),
                        tooltip: None,
                        data: None,
                    })
                })
                .collect())
        })
        .await
}
