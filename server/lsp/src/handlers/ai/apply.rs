//! For editors without an interface for proposals: the change is offered with the editor's own means, and is applied
//! when the user has seen it and agreed.

use std::collections::HashMap;
use std::sync::Arc;

use metascript_syntax::TextEdit;
use similar::TextDiff;
use tower_lsp_server::gen_lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, DocumentChange, Edit, MessageActionItem, MessageType,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier,
    TextEdit as LspTextEdit, Uri, WorkspaceEdit,
};
use tower_lsp_server::jsonrpc::Result;

use super::{Proposal, Script, Status, failed};
use crate::convert;
use crate::documents::OpenDocument;
use crate::state::State;

/// The annotation of every change that a model wrote.
const ANNOTATION: &str = "metascript.ai";

/// Longest difference that is put into a question, in lines.
const MAX_LINES: usize = 60;

/// The edit for the wire: for this version of the text, and to be confirmed where the client can.
pub(super) fn workspace_edit(
    state: &State,
    uri: &Uri,
    open: &OpenDocument,
    edits: &[TextEdit],
) -> WorkspaceEdit {
    let features = state.features();
    let edits = edits.iter().map(|edit| LspTextEdit {
        range: convert::range(
            open.document.rope(),
            &edit.range,
            state.documents.encoding(),
        ),
        new_text: edit.text.clone(),
    });
    if !features.document_changes {
        return WorkspaceEdit {
            changes: Some(HashMap::from([(uri.clone(), edits.collect())])),
            ..WorkspaceEdit::default()
        };
    }
    let annotated = features.change_annotations;
    let edits = edits
        .map(|text_edit| {
            if annotated {
                Edit::AnnotatedTextEdit(AnnotatedTextEdit {
                    annotation_id: ANNOTATION.to_owned(),
                    text_edit,
                })
            } else {
                Edit::TextEdit(text_edit)
            }
        })
        .collect();
    let change = TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier {
            version: Some(open.version),
            text_document_identifier: TextDocumentIdentifier { uri: uri.clone() },
        },
        edits,
    };
    let annotation = ChangeAnnotation {
        label: "Suggested by a model".to_owned(),
        needs_confirmation: Some(true),
        description: None,
    };
    WorkspaceEdit {
        changes: None,
        document_changes: Some(vec![DocumentChange::TextDocumentEdit(change)]),
        change_annotations: annotated.then(|| HashMap::from([(ANNOTATION.to_owned(), annotation)])),
    }
}

/// Offers a change. A client that previews annotated edits does so; for another the difference is in a question.
pub(super) async fn confirm(
    state: &Arc<State>,
    script: &Script,
    proposal: Proposal,
) -> Result<Status> {
    let Some(edit) = proposal.edit else {
        return Err(failed(
            "a new script needs an editor that shows it; open an empty script and ask there",
        ));
    };
    let annotated = edit.change_annotations.is_some();
    if !annotated && !agreed(state, &script.text(), &proposal.new_text).await? {
        return Ok(Status::Discarded);
    }
    let answer = state.client.apply_edit(edit).await?;
    match answer.failure_reason {
        _ if answer.applied => Ok(Status::Applied),
        Some(reason) => Err(failed(format!("the change was not applied: {reason}"))),
        None => Ok(Status::Discarded),
    }
}

async fn agreed(state: &Arc<State>, before: &str, after: &str) -> Result<bool> {
    const APPLY: &str = "Apply";
    let shown = TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(1)
        .to_string();
    let lines = shown.lines().count();
    if lines > MAX_LINES {
        return Err(failed(format!(
            "the change has {lines} lines, more than a question can show; `metascript ai` shows it as a diff"
        )));
    }
    let choices = [APPLY, "Discard"].map(|title| MessageActionItem {
        title: title.to_owned(),
        ..MessageActionItem::default()
    });
    let question = format!("Metascript: apply this change?\n\n{shown}");
    let answer = state
        .client
        .show_message_request(MessageType::Info, question, Some(choices.to_vec()))
        .await?;
    Ok(answer.is_some_and(|choice| choice.title == APPLY))
}

/// Shows the words of a model.
pub(super) async fn tell_words(state: &Arc<State>, text: &str) {
    if !text.trim().is_empty() {
        state.client.show_message(MessageType::Info, text).await;
    }
}

/// Says why a proposal was refused.
pub(super) async fn tell_refusal(state: &Arc<State>, faults: &[String]) {
    let message = format!(
        "Metascript: the model's proposal does not hold, and nothing was changed:\n{}",
        faults.join("\n")
    );
    state
        .client
        .show_message(MessageType::Warning, message)
        .await;
}
