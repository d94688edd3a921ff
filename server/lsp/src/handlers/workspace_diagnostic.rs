//! `workspace/diagnostic`: every script below the workspace's folders.

use std::collections::HashMap;
use std::sync::Arc;

use tower_lsp_server::gen_lsp_types::{
    FullDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};
use tower_lsp_server::jsonrpc::Result;

use crate::handlers::diagnostics::{self, Text};
use crate::state::State;
use crate::uri;

pub(crate) async fn handle(
    state: &Arc<State>,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReport> {
    let known: HashMap<String, String> = params
        .previous_result_ids
        .into_iter()
        .map(|known| (known.uri.0, known.value))
        .collect();
    let of = Arc::clone(state);
    let items = state
        .workspace_query(move |analysis| {
            let mut items = Vec::new();
            for (file, path) in analysis.files()? {
                let (Some(uri), Some(document)) = (uri::from_path(&path), analysis.document(file)?)
                else {
                    continue;
                };
                // The client asks for each cell of a notebook.
                if of.notebooks.layout(uri.as_ref()).is_some() {
                    continue;
                }
                let text = Text {
                    analysis,
                    file,
                    uri: &uri,
                    rope: document.rope(),
                    encoding: of.documents.encoding(),
                    related: of.features().related_information,
                };
                let mut found = text.diagnostics()?;
                let findings = of.security.on_disk(file, &document);
                found.extend(findings.iter().map(|finding| text.finding(finding)));
                let result_id = diagnostics::result_id(&found);
                let version = of.documents.get(uri.as_ref()).map(|open| open.version);
                let same = known.get(uri.as_ref()) == Some(&result_id);
                items.push(if same {
                    WorkspaceDocumentDiagnosticReport::from(
                        WorkspaceUnchangedDocumentDiagnosticReport {
                            uri,
                            version,
                            unchanged_document_diagnostic_report:
                                UnchangedDocumentDiagnosticReport { result_id },
                        },
                    )
                } else {
                    WorkspaceFullDocumentDiagnosticReport {
                        uri,
                        version,
                        full_document_diagnostic_report: FullDocumentDiagnosticReport {
                            result_id: Some(result_id),
                            items: found,
                        },
                    }
                    .into()
                });
            }
            Ok(items)
        })
        .await?;
    Ok(WorkspaceDiagnosticReport { items })
}
