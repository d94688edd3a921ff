//! Quick fixes, and changes of shape: one file for each.

mod cells;
mod describe;
mod extract_function;
mod extract_variable;
mod forms;
mod generate;
mod inline_variable;
mod otherwise;
mod place;
mod separators;
mod sort;
mod wrap;

use std::ops::Range;

use metascript_syntax::TextEdit;

use self::place::Place;
use crate::diagnostic::{Code, Diagnostic};
use crate::host::{Analysis, Ctx};
use crate::locate::locate;
use crate::{Cancellable, FileId};

/// A change that an editor offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeAction {
    /// What it does, as a menu entry.
    pub title: String,
    /// What kind of change.
    pub kind: ActionKind,
    /// Edits of the file: byte ranges in the text as it is, not overlapping.
    pub edits: Vec<TextEdit>,
    /// It is the best one.
    pub preferred: bool,
    /// The finding that it repairs.
    pub code: Option<Code>,
}

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActionKind {
    /// Repairs a finding.
    QuickFix,
    /// Repairs all findings that have one certain repair.
    FixAll,
    /// Silences a finding in one place.
    Suppress,
    /// Changes the shape, not the meaning.
    Rewrite,
    /// Takes a part out.
    Extract,
    /// Puts a part back in.
    Inline,
}

impl Analysis {
    /// What can be done about a range.
    pub fn code_actions(&self, file: FileId, range: Range<usize>) -> Cancellable<Vec<CodeAction>> {
        let diagnostics = self.diagnostics(file)?;
        self.about(file, |ctx| {
            let mut actions = Vec::new();
            for diagnostic in diagnostics.iter().filter(|diagnostic| {
                diagnostic.range.start <= range.end && range.start <= diagnostic.range.end
            }) {
                actions.extend(fixes(diagnostic));
                actions.extend(suppress(ctx, diagnostic));
            }
            actions.extend(fix_all(&diagnostics));
            if let Some(place) = Place::new(ctx, &range) {
                reshape(&place, &mut actions);
            }
            actions.extend(describe::describe(ctx));
            actions
        })
    }
}

/// What can be done with the shape of a place.
fn reshape(place: &Place<'_>, actions: &mut Vec<CodeAction>) {
    actions.extend(generate::generate(place));
    actions.extend(extract_variable::extract_variable(place));
    actions.extend(extract_function::extract_function(place));
    actions.extend(inline_variable::inline_variable(place));
    actions.extend(otherwise::into_property(place));
    actions.extend(otherwise::into_sibling(place));
    actions.extend(wrap::wrap_in_try(place));
    actions.extend(cells::split(place));
    actions.extend(cells::merge(place));
    actions.extend(forms::cell(place));
    actions.extend(forms::text(place));
    actions.extend(separators::separators(place));
    actions.extend(sort::sort_properties(place));
}

fn fixes(diagnostic: &Diagnostic) -> impl Iterator<Item = CodeAction> {
    diagnostic.fixes.iter().map(|fix| CodeAction {
        title: fix.title.clone(),
        kind: ActionKind::QuickFix,
        edits: fix.edits.clone(),
        preferred: fix.preferred,
        code: Some(diagnostic.code),
    })
}

/// A comment above the line that silences the finding; people write the reason.
fn suppress(ctx: Ctx<'_>, diagnostic: &Diagnostic) -> Option<CodeAction> {
    if diagnostic.code.as_str().starts_with("MS09") || diagnostic.code.as_str() == "MS0001" {
        return None;
    }
    let placed = ctx.layout().chunk_at(diagnostic.range.start)?;
    // Inside a string or a cell a comment would be text: the item around is the place.
    let at = u32::try_from(diagnostic.range.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at);
    let item = located
        .property
        .map(|property| property.span.start)
        .or_else(|| located.block().map(|block| block.span.start))
        .unwrap_or_default();
    let start = placed.start + item as usize;
    let rope = ctx.document().rope();
    let line = rope.line_to_byte(rope.byte_to_line(start));
    let indent = ctx.document().slice(line..start).into_owned();
    if !indent.trim().is_empty() {
        return None;
    }
    let text = format!(
        "// metascript: ignore {} because \n{indent}",
        diagnostic.code
    );
    Some(CodeAction {
        title: format!("Ignore {} here, with a reason", diagnostic.code),
        kind: ActionKind::Suppress,
        edits: vec![TextEdit {
            range: start..start,
            text,
        }],
        preferred: false,
        code: Some(diagnostic.code),
    })
}

/// All certain repairs that do not touch each other.
fn fix_all(diagnostics: &[Diagnostic]) -> Option<CodeAction> {
    let mut edits: Vec<TextEdit> = Vec::new();
    let mut fixed = 0;
    for fix in diagnostics
        .iter()
        .filter_map(|diagnostic| diagnostic.fixes.iter().find(|fix| fix.preferred))
    {
        let free = fix.edits.iter().all(|edit| {
            edits.iter().all(|other| {
                edit.range.end <= other.range.start || other.range.end <= edit.range.start
            })
        });
        if free && !fix.edits.is_empty() {
            edits.extend(fix.edits.iter().cloned());
            fixed += 1;
        }
    }
    edits.sort_by_key(|edit| edit.range.start);
    let title = match fixed {
        0 => return None,
        1 => "Fix the finding that has one certain repair".to_owned(),
        many => format!("Fix all {many} findings that have one certain repair"),
    };
    Some(CodeAction {
        title,
        kind: ActionKind::FixAll,
        edits,
        preferred: false,
        code: None,
    })
}
