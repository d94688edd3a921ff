//! `textDocument/codeAction` and `codeAction/resolve`.
//!
//! A client that can resolve gets titles first and asks for the edit of the one that the user chose.

use std::sync::Arc;

use metascript_analysis::{ActionKind, Cancellable, CodeAction as Action};
use metascript_security::{Finding, fix};
use metascript_syntax::TextEdit;
use serde::{Deserialize, Serialize};
use tower_lsp_server::gen_lsp_types::{
    Code, CodeAction, CodeActionKind, CodeActionParams, CodeActionResponse, Diagnostic, Range, Uri,
};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::convert;
use crate::handlers::ai::offers;
use crate::handlers::edit;
use crate::state::{Query, State};

/// `source.fixAll` for scripts alone, so that an editor can be told to apply it on save.
const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.metascript");

/// Stands where the user writes why a finding is no danger.
const REASON: &str = "reason: ";

/// What finds an action again: it is computed anew from the same place of the same version.
#[derive(Debug, Serialize, Deserialize)]
struct Ticket {
    uri: String,
    version: i32,
    range: Range,
    title: String,
}

/// The kinds of actions that the server offers.
pub(crate) fn kinds() -> Vec<CodeActionKind> {
    vec![
        CodeActionKind::QuickFix,
        CodeActionKind::RefactorExtract,
        CodeActionKind::RefactorInline,
        CodeActionKind::RefactorRewrite,
        FIX_ALL,
        offers::WORDS,
    ]
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: CodeActionParams,
) -> Result<Option<Vec<CodeActionResponse>>> {
    let uri = params.text_document.uri.clone();
    state
        .query(&uri, move |query| {
            let wanted = params.context.only.as_deref();
            let mut out = Vec::new();
            let is_wanted = |kind: &CodeActionKind| {
                wanted.is_none_or(|wanted| wanted.iter().any(|one| includes(one, kind)))
            };
            for offer in offers(query, params.range)? {
                if !is_wanted(&offer.kind) {
                    continue;
                }
                let lazy = query.features.resolve_code_action_edit;
                let edit = if lazy {
                    None
                } else {
                    let edits = [(query.file, offer.edits.clone())];
                    Some(edit::workspace_edit(
                        query,
                        &params.text_document.uri,
                        &edits,
                    )?)
                };
                let ticket = Ticket {
                    uri: params.text_document.uri.as_ref().to_owned(),
                    version: query.open.version,
                    range: params.range,
                    title: offer.title.clone(),
                };
                out.push(CodeActionResponse::from(CodeAction {
                    diagnostics: Some(repaired(&offer, &params.context.diagnostics))
                        .filter(|list| !list.is_empty()),
                    title: offer.title,
                    kind: Some(offer.kind),
                    is_preferred: offer.preferred.then_some(true),
                    disabled: None,
                    edit,
                    command: None,
                    data: lazy.then(|| serde_json::to_value(ticket).unwrap_or_default()),
                    tags: None,
                }));
            }
            let by_models = offers::offers(query, &params)
                .into_iter()
                .filter(|action| action.kind.as_ref().is_some_and(is_wanted));
            out.extend(by_models.map(CodeActionResponse::from));
            Ok(out)
        })
        .await
}

pub(crate) async fn resolve(state: &Arc<State>, mut action: CodeAction) -> Result<CodeAction> {
    if action.edit.is_some() || action.command.is_some() {
        return Ok(action);
    }
    let data = action.data.clone().unwrap_or_default();
    let ticket: Ticket = serde_json::from_value(data)
        .map_err(|error| Error::invalid_params(format!("codeAction/resolve: {error}")))?;
    let uri = Uri(ticket.uri.clone());
    let of = uri.clone();
    let edit = state
        .query(&uri, move |query| {
            if query.open.version != ticket.version {
                return Ok(None);
            }
            let chosen = offers(query, ticket.range)?
                .into_iter()
                .find(|one| one.title == ticket.title);
            match chosen {
                Some(chosen) => {
                    edit::workspace_edit(query, &of, &[(query.file, chosen.edits)]).map(Some)
                }
                None => Ok(None),
            }
        })
        .await?
        .flatten();
    match edit {
        Some(edit) => {
            action.edit = Some(edit);
            Ok(action)
        }
        None => Err(Error::content_modified()),
    }
}

/// What is offered for a place, whoever knows it.
struct Offer {
    title: String,
    kind: CodeActionKind,
    edits: Vec<TextEdit>,
    preferred: bool,
    /// The diagnostic that it repairs.
    code: Option<String>,
}

fn offers(query: &Query<'_>, range: Range) -> Cancellable<Vec<Offer>> {
    let document = &query.open.document;
    let start = convert::offset(document.rope(), range.start, query.encoding);
    let end = convert::offset(document.rope(), range.end, query.encoding);
    let place = start.min(end)..start.max(end);
    let of_language = query.analysis.code_actions(query.file, place.clone())?;
    let mut offers: Vec<Offer> = of_language.into_iter().map(of_analysis).collect();
    let findings = query.state.security.open_document(query.name, query.open);
    for finding in findings
        .iter()
        .filter(|finding| finding.range.start <= place.end && place.start <= finding.range.end)
    {
        let repairs = fix::document_fixes(document, finding);
        // The scanner gives the best one first.
        offers.extend(
            repairs
                .into_iter()
                .enumerate()
                .map(|(rank, fix)| of_security(fix, finding, rank == 0)),
        );
        let silence = fix::suppression(document, finding, REASON);
        offers.push(of_security(silence, finding, false));
    }
    Ok(offers)
}

fn of_analysis(action: Action) -> Offer {
    Offer {
        title: action.title,
        kind: match action.kind {
            ActionKind::QuickFix | ActionKind::Suppress => CodeActionKind::QuickFix,
            ActionKind::FixAll => FIX_ALL,
            ActionKind::Inline => CodeActionKind::RefactorInline,
            ActionKind::Rewrite => CodeActionKind::RefactorRewrite,
            ActionKind::Extract => CodeActionKind::RefactorExtract,
        },
        edits: action.edits,
        preferred: action.preferred,
        code: action.code.map(|code| code.as_str().to_owned()),
    }
}

fn of_security(fix: fix::Fix, finding: &Finding, preferred: bool) -> Offer {
    Offer {
        title: fix.title,
        kind: CodeActionKind::QuickFix,
        edits: fix
            .edits
            .into_iter()
            .map(|(range, text)| TextEdit { range, text })
            .collect(),
        preferred,
        code: Some(finding.rule.id.to_string()),
    }
}

/// Those of the client's diagnostics that the action repairs.
fn repaired(offer: &Offer, shown: &[Diagnostic]) -> Vec<Diagnostic> {
    let Some(code) = &offer.code else {
        return Vec::new();
    };
    shown
        .iter()
        .filter(|diagnostic| matches!(&diagnostic.code, Some(Code::String(name)) if name == code))
        .cloned()
        .collect()
}

/// `refactor` includes `refactor.extract`; the empty kind includes all.
fn includes(wanted: &CodeActionKind, kind: &CodeActionKind) -> bool {
    let (wanted, kind) = (text(wanted), text(kind));
    wanted.is_empty()
        || kind == wanted
        || kind
            .strip_prefix(wanted.as_str())
            .is_some_and(|rest| rest.starts_with('.'))
}

fn text(kind: &CodeActionKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}
