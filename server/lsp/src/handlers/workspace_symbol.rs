//! `workspace/symbol` and `workspaceSymbol/resolve`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use metascript_analysis::FileId;
use ropey::Rope;
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{
    BaseSymbolInformation, Location, LocationUriOnly, WorkspaceSymbol, WorkspaceSymbolLocation,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::handlers::document_symbol;
use crate::state::State;
use crate::uri;

/// More than a list on a screen, less than what would be slow to send at every keystroke.
const MAX_SYMBOLS: usize = 100;

/// Where a symbol stands, kept for when the client asks.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    file: u32,
    start: usize,
    end: usize,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: WorkspaceSymbolParams,
) -> Result<Option<WorkspaceSymbolResponse>> {
    let lazy = state.features().resolve_symbol_range;
    let encoding = state.documents.encoding();
    let symbols = state
        .workspace_query(move |analysis| {
            let mut out = Vec::new();
            let mut texts: HashMap<FileId, Rope> = HashMap::new();
            for symbol in analysis.workspace_symbols(&params.query, MAX_SYMBOLS)? {
                let Some(path) = analysis.path(symbol.file)? else {
                    continue;
                };
                let Some(uri) = uri::from_path(&path) else {
                    continue;
                };
                let (location, data) = if lazy {
                    let ticket = Ticket {
                        file: symbol.file.index(),
                        start: symbol.range.start,
                        end: symbol.range.end,
                    };
                    (
                        WorkspaceSymbolLocation::from(LocationUriOnly { uri }),
                        serde_json::to_value(ticket).ok(),
                    )
                } else {
                    let rope = match texts.entry(symbol.file) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(free) => match analysis.text(symbol.file)? {
                            Some(rope) => free.insert(rope),
                            None => continue,
                        },
                    };
                    let range = convert::range(rope, &symbol.range, encoding);
                    (Location { uri, range }.into(), None)
                };
                out.push(WorkspaceSymbol {
                    location,
                    data,
                    base_symbol_information: BaseSymbolInformation {
                        name: symbol.name,
                        kind: document_symbol::kind(symbol.kind),
                        tags: None,
                        container_name: path.file_name().map(|name| name.to_string_lossy().into()),
                    },
                });
            }
            Ok(out)
        })
        .await?;
    Ok(Some(WorkspaceSymbolResponse::from(symbols)))
}

pub(crate) async fn resolve(
    state: &Arc<State>,
    mut symbol: WorkspaceSymbol,
) -> Result<WorkspaceSymbol> {
    let WorkspaceSymbolLocation::LocationUriOnly(place) = &symbol.location else {
        return Ok(symbol);
    };
    let data = symbol.data.take().unwrap_or_default();
    let Ticket { file, start, end } = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("workspaceSymbol/resolve: {error}")))?;
    let uri = place.uri.clone();
    let encoding = state.documents.encoding();
    let range = state
        .workspace_query(move |analysis| {
            let text = analysis.text(FileId::from_index(file))?;
            Ok(text.map(|rope| convert::range(&rope, &(start..end), encoding)))
        })
        .await?
        .ok_or_else(Error::content_modified)?;
    symbol.location = Location { uri, range }.into();
    Ok(symbol)
}
