//! `workspace/diagnostic`: every script below the workspace's folders.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metascript_analysis::{Analysis, Cancellable, FileId};
use tower_lsp_server::gen_lsp_types::{
    FullDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri,
    WorkspaceDiagnosticParams, WorkspaceDiagnosticReport, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};
use tower_lsp_server::jsonrpc::Result;

use crate::handlers::diagnostics::{self, Text};
use crate::state::State;
use crate::uri;

/// So many scripts are looked at in one go: what changes meanwhile makes no more than these be looked at again.
const BATCH: usize = 32;

/// What the client was told last about scripts that only have an outline: the hash of the text, and the id of the answer.
/// Clients ask again every few seconds, and nothing of it has changed most of the time.
#[derive(Default)]
pub(crate) struct Reports(Mutex<HashMap<FileId, (u64, String)>>);

impl Reports {
    /// The id of the answer about a text, if there was one.
    fn get(&self, file: FileId, stamp: u64) -> Option<String> {
        let known = self.lock();
        let (hash, id) = known.get(&file)?;
        (*hash == stamp).then(|| id.clone())
    }

    fn set(&self, file: FileId, stamp: u64, id: &str) {
        self.lock().insert(file, (stamp, id.to_owned()));
    }

    /// Forgets all answers: what counts as wrong has changed.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FileId, (u64, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) async fn handle(
    state: &Arc<State>,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReport> {
    let known: Arc<HashMap<String, String>> = Arc::new(
        params
            .previous_result_ids
            .into_iter()
            .map(|known| (known.uri.0, known.value))
            .collect(),
    );
    let files = state.workspace_query(Analysis::files).await?;
    let files: Vec<FileId> = files.into_iter().map(|(file, _)| file).collect();
    let mut items = Vec::new();
    for batch in files.chunks(BATCH) {
        let (of, known, batch) = (Arc::clone(state), Arc::clone(&known), batch.to_vec());
        let found = state.workspace_query(move |analysis| {
            let mut items = Vec::new();
            for file in &batch {
                items.extend(report(&of, analysis, *file, &known)?);
            }
            Ok(items)
        });
        items.extend(found.await?);
    }
    Ok(WorkspaceDiagnosticReport { items })
}

/// The answer about one script; `None` when it is gone.
fn report(
    state: &State,
    analysis: &Analysis,
    file: FileId,
    known: &HashMap<String, String>,
) -> Cancellable<Option<WorkspaceDocumentDiagnosticReport>> {
    let Some(uri) = analysis.path(file)?.and_then(|path| uri::from_path(&path)) else {
        return Ok(None);
    };
    // The client asks for each cell of a notebook.
    if state.notebooks.layout(uri.as_ref()).is_some() {
        return Ok(None);
    }
    let open = state.documents.get(uri.as_ref());
    let version = open.as_ref().map(|open| open.version);
    let before = known.get(uri.as_ref());
    let stamp = analysis.stamp(file)?;
    if let Some(id) = stamp.and_then(|stamp| state.reports.get(file, stamp))
        && before == Some(&id)
    {
        return Ok(Some(unchanged(uri, version, id)));
    }
    // What is worked out about a script that nobody looks at goes with a snapshot of its own.
    let analysis = analysis.apart()?;
    let Some(document) = analysis.document(file)? else {
        return Ok(None);
    };
    let text = Text {
        analysis: &analysis,
        file,
        uri: &uri,
        rope: document.rope(),
        encoding: state.documents.encoding(),
        related: state.features().related_information,
    };
    let mut items = text.diagnostics()?;
    let findings = match open.filter(|open| open.document == document) {
        Some(open) if stamp.is_none() => state.security.open_document(uri.as_ref(), &open),
        _ => state.security.once(&document),
    };
    items.extend(findings.iter().map(|finding| text.finding(finding)));
    let id = diagnostics::result_id(&items);
    if let Some(stamp) = stamp {
        state.reports.set(file, stamp, &id);
    }
    if before == Some(&id) {
        return Ok(Some(unchanged(uri, version, id)));
    }
    let report = FullDocumentDiagnosticReport {
        result_id: Some(id),
        items,
    };
    Ok(Some(
        WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: report,
        }
        .into(),
    ))
}

fn unchanged(
    uri: Uri,
    version: Option<i32>,
    result_id: String,
) -> WorkspaceDocumentDiagnosticReport {
    WorkspaceUnchangedDocumentDiagnosticReport {
        uri,
        version,
        unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
    }
    .into()
}
