//! Edits of several files, for the wire.

use std::collections::HashMap;

use metascript_analysis::{Analysis, Cancellable, FileId};
use metascript_syntax as syntax;
use metascript_syntax::position::PositionEncoding;
use ropey::Rope;
use tower_lsp_server::gen_lsp_types::{
    DocumentChange, Edit, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit,
    TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};

use crate::convert;
use crate::state::{Query, State};
use crate::uri;

/// The edits of one file's text, as LSP has them.
pub(crate) fn text_edits(
    rope: &Rope,
    edits: &[syntax::TextEdit],
    query: &Query<'_>,
) -> Vec<TextEdit> {
    convert_all(rope, edits, query.encoding)
}

fn convert_all(
    rope: &Rope,
    edits: &[syntax::TextEdit],
    encoding: PositionEncoding,
) -> Vec<TextEdit> {
    edits
        .iter()
        .map(|edit| TextEdit {
            range: convert::range(rope, &edit.range, encoding),
            new_text: edit.text.clone(),
        })
        .collect()
}

/// A `WorkspaceEdit`, versioned where the client takes versions, so that an edit of a text that has
/// moved on is refused by the client rather than applied in the wrong place.
pub(crate) fn workspace_edit(
    query: &Query<'_>,
    current: &Uri,
    edits: &[(FileId, Vec<syntax::TextEdit>)],
) -> Cancellable<WorkspaceEdit> {
    let mut files = Vec::new();
    for (file, edits) in edits {
        if *file == query.file {
            let rope = query.open.document.rope();
            let version = Some(query.open.version);
            files.push((current.clone(), version, text_edits(rope, edits, query)));
        } else {
            files.extend(elsewhere(query.state, query.analysis, *file, edits)?);
        }
    }
    Ok(assemble(files, query.features.document_changes))
}

/// As [`workspace_edit`], for a request that is about no document in particular.
pub(crate) fn in_workspace(
    state: &State,
    analysis: &Analysis,
    edits: &[(FileId, Vec<syntax::TextEdit>)],
) -> Cancellable<WorkspaceEdit> {
    let mut files = Vec::new();
    for (file, edits) in edits {
        files.extend(elsewhere(state, analysis, *file, edits)?);
    }
    Ok(assemble(files, state.features().document_changes))
}

type FileEdits = (Uri, Option<i32>, Vec<TextEdit>);

fn elsewhere(
    state: &State,
    analysis: &Analysis,
    file: FileId,
    edits: &[syntax::TextEdit],
) -> Cancellable<Option<FileEdits>> {
    let (Some(path), Some(text)) = (analysis.path(file)?, analysis.text(file)?) else {
        return Ok(None);
    };
    let encoding = state.documents.encoding();
    Ok(uri::from_path(&path).map(|uri| {
        let version = state.documents.get(uri.as_ref()).map(|open| open.version);
        (uri, version, convert_all(&text, edits, encoding))
    }))
}

fn assemble(files: Vec<FileEdits>, versioned: bool) -> WorkspaceEdit {
    if !versioned {
        let changes: HashMap<Uri, Vec<TextEdit>> = files
            .into_iter()
            .map(|(uri, _, edits)| (uri, edits))
            .collect();
        return WorkspaceEdit {
            changes: Some(changes),
            ..WorkspaceEdit::default()
        };
    }
    let changes = files
        .into_iter()
        .map(|(uri, version, edits)| {
            DocumentChange::TextDocumentEdit(TextDocumentEdit {
                text_document: OptionalVersionedTextDocumentIdentifier {
                    version,
                    text_document_identifier: TextDocumentIdentifier { uri },
                },
                edits: edits.into_iter().map(Edit::TextEdit).collect(),
            })
        })
        .collect();
    WorkspaceEdit {
        document_changes: Some(changes),
        ..WorkspaceEdit::default()
    }
}
