//! Code actions that lead to the AI commands.

use metascript_assist::settings::Task;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CodeActionTriggerKind, Command, Diagnostic,
};

use super::{DOCUMENT, EXPLAIN, FIX, OPTIMISE, TESTS, TRANSLATE, argument};
use crate::convert;
use crate::state::Query;

/// Repairs by a model come after those that are proved.
const QUICK_FIX: CodeActionKind = CodeActionKind::new("quickfix.ai");

/// Changes by a model.
const REWRITE: CodeActionKind = CodeActionKind::new("refactor.rewrite.ai");

/// Words about a place.
pub(crate) const WORDS: CodeActionKind = CodeActionKind::new("metascript.explain");

/// Problems of one place that get an action each.
const MAX_PROBLEMS: usize = 3;

/// Longest title, in characters.
const MAX_TITLE: usize = 60;

/// What a model could do at a place. Nothing without a provider for it.
pub(crate) fn offers(query: &Query<'_>, params: &CodeActionParams) -> Vec<CodeAction> {
    let assist = query.state.assistant.get();
    if !assist.is_some_and(|assist| assist.serves(Task::Chat)) {
        return Vec::new();
    }
    let uri = &params.text_document.uri;
    let action = |title: String, kind: CodeActionKind, command: &str, more: &Value| CodeAction {
        command: Some(Command {
            title: title.clone(),
            command: command.to_owned(),
            arguments: Some(vec![argument(uri, more)]),
            tooltip: None,
        }),
        title,
        kind: Some(kind),
        ..CodeAction::default()
    };
    let mut out = Vec::new();
    for diagnostic in params.context.diagnostics.iter().take(MAX_PROBLEMS) {
        let problem = message(diagnostic);
        let more = json!({ "range": diagnostic.range, "problem": problem });
        let mut fix = action(
            format!("Fix with AI: {}", short(&problem)),
            QUICK_FIX,
            FIX,
            &more,
        );
        fix.diagnostics = Some(vec![diagnostic.clone()]);
        out.push(fix);
    }
    // A lamp on every line would be a lamp on none.
    if params.context.trigger_kind == Some(CodeActionTriggerKind::Automatic) {
        return out;
    }
    let document = &query.open.document;
    let start = convert::offset(document.rope(), params.range.start, query.encoding);
    let inside = document
        .tree()
        .root_node()
        .named_children(&mut document.tree().walk())
        .any(|node| {
            (node.start_byte()..=node.end_byte()).contains(&start) && node.kind() != "comment"
        });
    if !inside {
        return out;
    }
    let here = json!({ "range": params.range });
    for (title, kind, command) in [
        ("Explain with AI", WORDS, EXPLAIN),
        ("Document with AI", REWRITE, DOCUMENT),
        ("Optimise with AI", REWRITE, OPTIMISE),
    ] {
        out.push(action(title.to_owned(), kind, command, &here));
    }
    let cell = document
        .cells()
        .into_iter()
        .find(|cell| (cell.range.start..=cell.range.end).contains(&start));
    if let Some(cell) = cell {
        out.push(action(
            "Write tests with AI".to_owned(),
            REWRITE,
            TESTS,
            &here,
        ));
        let more = json!({ "cell": cell.index });
        out.push(action(
            "Translate cell with AI".to_owned(),
            REWRITE,
            TRANSLATE,
            &more,
        ));
    }
    out
}

fn message(diagnostic: &Diagnostic) -> String {
    serde_json::to_value(&diagnostic.message)
        .ok()
        .and_then(|message| match message {
            Value::String(text) => Some(text),
            // Markup, since 3.18.
            other => other.get("value")?.as_str().map(str::to_owned),
        })
        .unwrap_or_default()
}

fn short(problem: &str) -> String {
    let line = problem.lines().next().unwrap_or_default();
    if line.chars().count() <= MAX_TITLE {
        return line.to_owned();
    }
    let cut: String = line.chars().take(MAX_TITLE - 1).collect();
    format!("{}…", cut.trim_end())
}
