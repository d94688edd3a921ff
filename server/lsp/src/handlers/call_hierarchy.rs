//! `textDocument/prepareCallHierarchy`, `callHierarchy/incomingCalls` and `callHierarchy/outgoingCalls`.

use std::ops::Range;
use std::sync::Arc;

use metascript_analysis::{Analysis, CallEdge, CallItem, Cancellable, FileId};
use metascript_syntax::position::PositionEncoding;
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyIncomingCallsParams, CallHierarchyItem,
    CallHierarchyOutgoingCall, CallHierarchyOutgoingCallsParams, CallHierarchyPrepareParams,
    Range as WireRange, SymbolKind,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::state::State;
use crate::uri;

/// What the client hands back to ask about an item.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    file: u32,
    range: Range<usize>,
    selection: Range<usize>,
}

pub(crate) async fn prepare(
    state: &Arc<State>,
    params: CallHierarchyPrepareParams,
) -> Result<Option<Vec<CallHierarchyItem>>> {
    let at = params.text_document_position_params;
    state
        .query(&at.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let offset = convert::offset(rope, at.position, query.encoding);
            let found = query.analysis.prepare_call_hierarchy(query.file, offset)?;
            match found {
                Some(found) => Ok(item(query.analysis, &found, query.encoding)?
                    .into_iter()
                    .collect()),
                None => Ok(Vec::new()),
            }
        })
        .await
}

pub(crate) async fn incoming(
    state: &Arc<State>,
    params: CallHierarchyIncomingCallsParams,
) -> Result<Option<Vec<CallHierarchyIncomingCall>>> {
    let edges = edges(state, params.item, Analysis::incoming_calls, true).await?;
    let calls = edges
        .into_iter()
        .map(|(from, from_ranges)| CallHierarchyIncomingCall { from, from_ranges });
    Ok(Some(calls.collect()))
}

pub(crate) async fn outgoing(
    state: &Arc<State>,
    params: CallHierarchyOutgoingCallsParams,
) -> Result<Option<Vec<CallHierarchyOutgoingCall>>> {
    let edges = edges(state, params.item, Analysis::outgoing_calls, false).await?;
    let calls = edges
        .into_iter()
        .map(|(to, from_ranges)| CallHierarchyOutgoingCall { to, from_ranges });
    Ok(Some(calls.collect()))
}

type Edges = Vec<(CallHierarchyItem, Vec<WireRange>)>;

/// The items at the other end. The places of calls are in the caller's file: the other item's when it calls.
async fn edges(
    state: &Arc<State>,
    of: CallHierarchyItem,
    ask: fn(&Analysis, &CallItem) -> Cancellable<Vec<CallEdge>>,
    other_calls: bool,
) -> Result<Edges> {
    let ticket: Ticket = serde_json::from_value(of.data.unwrap_or_default())
        .map_err(|error| Error::invalid_params(format!("call hierarchy: {error}")))?;
    let encoding = state.documents.encoding();
    let known = CallItem {
        name: of.name,
        file: FileId::from_index(ticket.file),
        range: ticket.range,
        selection: ticket.selection,
    };
    state
        .workspace_query(move |analysis| {
            let mut out = Vec::new();
            for edge in ask(analysis, &known)? {
                let caller = if other_calls {
                    edge.item.file
                } else {
                    known.file
                };
                let Some(text) = analysis.text(caller)? else {
                    continue;
                };
                let ranges = edge
                    .calls
                    .iter()
                    .map(|range| convert::range(&text, range, encoding))
                    .collect();
                if let Some(item) = item(analysis, &edge.item, encoding)? {
                    out.push((item, ranges));
                }
            }
            Ok(out)
        })
        .await
}

fn item(
    analysis: &Analysis,
    found: &CallItem,
    encoding: PositionEncoding,
) -> Cancellable<Option<CallHierarchyItem>> {
    let (Some(path), Some(rope)) = (analysis.path(found.file)?, analysis.text(found.file)?) else {
        return Ok(None);
    };
    let ticket = Ticket {
        file: found.file.index(),
        range: found.range.clone(),
        selection: found.selection.clone(),
    };
    Ok(uri::from_path(&path).map(|uri| CallHierarchyItem {
        name: found.name.clone(),
        kind: SymbolKind::Function,
        tags: None,
        detail: path.file_name().map(|name| name.to_string_lossy().into()),
        uri,
        range: convert::range(&rope, &found.range, encoding),
        selection_range: convert::range(&rope, &found.selection, encoding),
        data: serde_json::to_value(ticket).ok(),
    }))
}
