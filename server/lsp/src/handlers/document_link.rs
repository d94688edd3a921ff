//! `textDocument/documentLink` and `documentLink/resolve`.
//!
//! The target is always sent: the protocol gives a client no way to say that it resolves. What a tooltip needs of the disk
//! is read when somebody looks at the link.

use std::sync::Arc;

use metascript_analysis::LinkTarget;
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{DocumentLink, DocumentLinkParams, Uri};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::state::State;
use crate::uri;

/// What finds a link's target again.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    target: String,
}

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
                    let ticket = query.features.link_tooltips.then(|| Ticket {
                        target: target.as_ref().to_owned(),
                    });
                    Some(DocumentLink {
                        range: convert::range(rope, &link.range, query.encoding),
                        target: Some(target),
                        tooltip: None,
                        data: ticket.and_then(|ticket| serde_json::to_value(ticket).ok()),
                    })
                })
                .collect())
        })
        .await
}

/// Adds what the link leads to: the size of a file, or that it is gone; the host of an address.
pub(crate) async fn resolve(mut link: DocumentLink) -> Result<DocumentLink> {
    let Some(data) = link.data.clone() else {
        return Ok(link);
    };
    let ticket: Ticket = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("documentLink/resolve: {error}")))?;
    let target = ticket.target.clone();
    // A slow disk must not hold up the messages behind this one.
    let told = tokio::task::spawn_blocking(move || tooltip(&target)).await;
    link.tooltip = told.ok().flatten();
    link.target.get_or_insert(Uri(ticket.target));
    Ok(link)
}

fn tooltip(target: &str) -> Option<String> {
    let url = url::Url::parse(target).ok()?;
    if url.scheme() != "file" {
        return url.host_str().map(|host| format!("on {host}"));
    }
    let path = url.to_file_path().ok()?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => format!("{name}: a folder"),
        Ok(found) => format!("{name}: {} bytes", found.len()),
        Err(_) => format!("{name}: not there any more"),
    })
}
