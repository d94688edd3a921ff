//! `textDocument/diagnostic`, and the same list for clients that are pushed to.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use metascript_analysis::{self as analysis, Analysis, Cancellable, FileId, Severity, Tag};
use metascript_sandbox::FSharpDiagnostic;
use metascript_security::{self as security, Finding};
use metascript_syntax::position::PositionEncoding;
use tower_lsp_server::gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity,
    DiagnosticTag, DocumentDiagnosticParams, DocumentDiagnosticReport,
    FullDocumentDiagnosticReport, Location, Position, Range, RelatedFullDocumentDiagnosticReport,
    RelatedUnchangedDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri,
};
use tower_lsp_server::jsonrpc::Result;

use crate::convert;
use crate::documents::MAX_ANALYSED_BYTES;
use crate::handlers::{place, text_document_content};
use crate::ordered;
use crate::state::State;

/// Where security findings come from, as editors show it.
pub(crate) const SECURITY: &str = "metascript security";
/// The same for what the F# compiler says.
const FSHARP: &str = "F#";

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
            let text = Text {
                analysis: query.analysis,
                file: query.file,
                uri: &uri,
                rope: query.open.document.rope(),
                encoding: query.encoding,
                related,
            };
            let mut items = text.diagnostics()?;
            let security = &query.state.security;
            let findings = security.open_document(query.name, query.open);
            items.extend(findings.iter().map(|finding| text.finding(finding)));
            let found = query.state.fsharp.diagnostics(query)?;
            items.extend(
                found
                    .into_iter()
                    .map(|(range, one)| text.fsharp(&range, one)),
            );
            Ok(items)
        })
        .await?;
    Ok(items.unwrap_or_default())
}

/// A text whose diagnostics are sent.
pub(crate) struct Text<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) file: FileId,
    pub(crate) uri: &'a Uri,
    pub(crate) rope: &'a ropey::Rope,
    pub(crate) encoding: PositionEncoding,
    /// Whether the client shows related places.
    pub(crate) related: bool,
}

impl Text<'_> {
    /// All diagnostics of the text, as the protocol has them.
    pub(crate) fn diagnostics(&self) -> Cancellable<Vec<Diagnostic>> {
        let list = self.analysis.diagnostics(self.file)?;
        list.iter().map(|item| self.one(item)).collect()
    }

    /// A security finding as a diagnostic.
    pub(crate) fn finding(&self, finding: &Finding) -> Diagnostic {
        let range = |bytes| convert::range(self.rope, bytes, self.encoding);
        let source = finding.source.as_ref().filter(|_| self.related);
        Diagnostic {
            range: range(&finding.range),
            severity: Some(match finding.severity {
                security::Severity::Critical | security::Severity::High => {
                    DiagnosticSeverity::Error
                }
                security::Severity::Medium => DiagnosticSeverity::Warning,
                security::Severity::Low => DiagnosticSeverity::Information,
                security::Severity::Info => DiagnosticSeverity::Hint,
            }),
            code: Some(Code::String(finding.rule.id.to_string())),
            code_description: Some(CodeDescription {
                href: text_document_content::rule_page(&finding.rule.id),
            }),
            source: Some(SECURITY.to_owned()),
            message: finding.message.clone().into(),
            tags: None,
            related_information: source.map(|(bytes, message)| {
                vec![DiagnosticRelatedInformation {
                    location: Location {
                        uri: self.uri.clone(),
                        range: range(bytes),
                    },
                    message: message.clone(),
                }]
            }),
            data: None,
        }
    }

    /// What the F# compiler says, as a diagnostic.
    fn fsharp(&self, range: &std::ops::Range<usize>, said: FSharpDiagnostic) -> Diagnostic {
        Diagnostic {
            range: convert::range(self.rope, range, self.encoding),
            severity: Some(if said.is_error {
                DiagnosticSeverity::Error
            } else {
                DiagnosticSeverity::Warning
            }),
            code: Some(Code::String(said.code)),
            source: Some(FSHARP.to_owned()),
            message: said.message.into(),
            ..Diagnostic::default()
        }
    }

    fn one(&self, item: &analysis::Diagnostic) -> Cancellable<Diagnostic> {
        let mut information = Vec::new();
        if self.related {
            for place in &item.related {
                if let Some(location) = place::in_file(
                    self.analysis,
                    (self.file, self.uri, self.rope),
                    (place.file, &place.range),
                    self.encoding,
                )? {
                    information.push(DiagnosticRelatedInformation {
                        location,
                        message: place.message.clone(),
                    });
                }
            }
        }
        Ok(Diagnostic {
            range: convert::range(self.rope, &item.range, self.encoding),
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
            related_information: (!information.is_empty()).then_some(information),
            data: None,
        })
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
pub(crate) fn result_id(items: &[Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items)
        .unwrap_or_default()
        .hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
