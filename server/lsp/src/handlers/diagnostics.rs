//! `textDocument/diagnostic`, and the same list for clients that are pushed to.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use metascript_analysis::{self as analysis, Severity, Tag};
use tower_lsp_server::gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, DocumentDiagnosticParams, DocumentDiagnosticReport,
    FullDocumentDiagnosticReport, Location, Position, Range, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::documents::MAX_ANALYSED_BYTES;
use crate::handlers::text_document_content;
use crate::ordered;
use crate::state::{Query, State};

/// Answers a pull.
pub(crate) async fn handle(
    state: &Arc<State>,
    params: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReport> {
    let items = compute(state, &params.text_document.uri).await?;
    let result_id = result_id(&items);
    if params.previous_result_id.as_deref() == Some(result_id.as_str()) {
        return Ok(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        }
        .into());
    }
    Ok(RelatedFullDocumentDiagnosticReport {
        related_documents: None,
        full_document_diagnostic_report: FullDocumentDiagnosticReport {
            result_id: Some(result_id),
            items,
        },
    }
    .into())
}

/// The diagnostics of one open document.
pub(crate) async fn compute(state: &Arc<State>, document: &Uri) -> Result<Vec<Diagnostic>> {
    let open = ordered::arrival().or_else(|| state.documents.get(document.as_ref()));
    if let Some(rope) = open.and_then(|open| open.oversized) {
        return Ok(vec![oversized(rope.len_bytes())]);
    }
    let related = state.features().related_information;
    let uri = document.clone();
    let items = state
        .query(document, move |query| {
            let list = query.analysis.diagnostics(query.file)?;
            Ok(list
                .iter()
                .map(|item| convert_one(item, query, &uri, related))
                .collect())
        })
        .await?;
    Ok(items.unwrap_or_default())
}

fn convert_one(
    item: &analysis::Diagnostic,
    query: &Query<'_>,
    uri: &Uri,
    related: bool,
) -> Diagnostic {
    let rope = query.open.document.rope();
    let range = |bytes| convert::range(rope, bytes, query.encoding);
    let information = related
        .then(|| {
            item.related
                .iter()
                .filter(|place| place.file == query.file)
                .map(|place| DiagnosticRelatedInformation {
                    location: Location {
                        uri: uri.clone(),
                        range: range(&place.range),
                    },
                    message: place.message.clone(),
                })
                .collect::<Vec<_>>()
        })
        .filter(|list| !list.is_empty());
    Diagnostic {
        range: range(&item.range),
        severity: Some(match item.severity {
            Severity::Error => DiagnosticSeverity::Error,
            Severity::Warning => DiagnosticSeverity::Warning,
            Severity::Information => DiagnosticSeverity::Information,
            Severity::Hint => DiagnosticSeverity::Hint,
        }),
        code: Some(Code::String(item.code.as_str().to_owned())),
        code_description: Some(CodeDescription {
            href: text_document_content::page(item.code),
        }),
        source: Some("metascript".to_owned()),
        message: item.message.clone().into(),
        tags: (!item.tags.is_empty()).then(|| item.tags.iter().map(tag).collect()),
        related_information: information,
        data: None,
    }
}

fn tag(tag: &Tag) -> DiagnosticTag {
    match tag {
        Tag::Unnecessary => DiagnosticTag::Unnecessary,
        Tag::Deprecated => DiagnosticTag::Deprecated,
    }
}

fn oversized(bytes: usize) -> Diagnostic {
    let mib = |bytes: usize| bytes / (1024 * 1024);
    Diagnostic {
        range: Range {
            start: Position::default(),
            end: Position::default(),
        },
        severity: Some(DiagnosticSeverity::Information),
        source: Some("metascript".to_owned()),
        message: format!(
            "this document has {} MiB; documents over {} MiB are kept in sync but not analysed",
            mib(bytes),
            mib(MAX_ANALYSED_BYTES)
        )
        .into(),
        ..Diagnostic::default()
    }
}

/// Equal lists have equal ids, so that an unchanged list need not be sent again.
fn result_id(items: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items)
        .unwrap_or_default()
        .hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
