//! `textDocument/inlayHint` and `inlayHint/resolve`: what a hint is about is told when somebody looks at it.

use std::sync::Arc;

use metascript_analysis::{self as analysis, Cancellable, InlayKind};
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{
    InlayHint, InlayHintKind, InlayHintLabelPart, InlayHintParams, Label, MarkupContent,
    MarkupKind, Position, Tooltip, Uri,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::handlers::place;
use crate::state::{Query, State};

/// What finds a hint again: it is computed anew at the same place of the same version.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    uri: String,
    version: i32,
    at: Position,
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: InlayHintParams,
) -> Result<Option<Vec<InlayHint>>> {
    state
        .query(&params.text_document.uri, move |query| {
            let rope = query.open.document.rope();
            let start = convert::offset(rope, params.range.start, query.encoding);
            let end = convert::offset(rope, params.range.end, query.encoding);
            let hints = query
                .analysis
                .inlay_hints(query.file, start.min(end)..start.max(end))?;
            Ok(hints
                .into_iter()
                .map(|hint| {
                    let position = convert::position(rope, hint.position, query.encoding);
                    let ticket = query.features.resolve_hints.then(|| Ticket {
                        uri: query.name.to_owned(),
                        version: query.open.version,
                        at: position,
                    });
                    InlayHint {
                        position,
                        kind: match hint.kind {
                            InlayKind::Parameter => Some(InlayHintKind::Parameter),
                            InlayKind::Flow => None,
                        },
                        padding_left: Some(hint.kind == InlayKind::Flow),
                        padding_right: Some(hint.kind == InlayKind::Parameter),
                        label: Label::String(hint.label),
                        text_edits: None,
                        tooltip: None,
                        data: ticket.and_then(|ticket| serde_json::to_value(ticket).ok()),
                    }
                })
                .collect())
        })
        .await
}

/// Adds what is known of the names, and where they come from. A hint of a text that has moved on stays as it is.
pub(crate) async fn resolve(state: &Arc<State>, mut hint: InlayHint) -> Result<InlayHint> {
    let Some(data) = hint.data.clone() else {
        return Ok(hint);
    };
    let ticket: Ticket = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("inlayHint/resolve: {error}")))?;
    let label = text(&hint.label);
    let uri = Uri(ticket.uri);
    let of = uri.clone();
    let found = state
        .query(&uri, move |query| {
            if query.open.version != ticket.version {
                return Ok(None);
            }
            let at = convert::offset(query.open.document.rope(), ticket.at, query.encoding);
            let hints = query.analysis.inlay_hints(query.file, at..at)?;
            match hints.into_iter().find(|hint| hint.label == label) {
                Some(hint) => details(query, &of, &hint),
                None => Ok(None),
            }
        })
        .await?
        .flatten();
    if let Some((label, tooltip)) = found {
        hint.label = label;
        hint.tooltip = Some(tooltip);
    }
    Ok(hint)
}

fn details(
    query: &Query<'_>,
    uri: &Uri,
    hint: &analysis::InlayHint,
) -> Cancellable<Option<(Label, Tooltip)>> {
    let Some(details) = query.analysis.hint_details(query.file, hint)? else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    let mut rest = hint.label.as_str();
    for (name, target) in &details.places {
        let Some(location) = place::location(query, uri, target.file, &target.selection)? else {
            continue;
        };
        // The label of a parameter leads to its function; the names that a cell reads stand in the label.
        let found = match hint.kind {
            InlayKind::Parameter => Some(0..rest.len()),
            InlayKind::Flow => rest.find(name.as_str()).map(|at| at..at + name.len()),
        };
        let Some(range) = found else { continue };
        if let Some(before) = rest.get(..range.start).filter(|before| !before.is_empty()) {
            parts.push(part(before, None));
        }
        let named = rest.get(range.clone()).unwrap_or_default();
        parts.push(part(named, Some(location)));
        rest = rest.get(range.end..).unwrap_or_default();
    }
    if !rest.is_empty() {
        parts.push(part(rest, None));
    }
    let tooltip = MarkupContent {
        kind: MarkupKind::Markdown,
        value: details.markdown,
    };
    Ok(Some((Label::InlayHintLabelPartList(parts), tooltip.into())))
}

fn part(
    value: &str,
    location: Option<tower_lsp_server::gen_lsp_types::Location>,
) -> InlayHintLabelPart {
    InlayHintLabelPart {
        value: value.to_owned(),
        tooltip: None,
        location,
        command: None,
    }
}

fn text(label: &Label) -> String {
    match label {
        Label::String(text) => text.clone(),
        Label::InlayHintLabelPartList(parts) => {
            parts.iter().map(|part| part.value.as_str()).collect()
        }
    }
}
