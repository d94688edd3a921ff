//! Quick fixes, and changes of shape.

use std::ops::Range;

use metascript_syntax::TextEdit;

use crate::diagnostic::{Code, Diagnostic};
use crate::host::{Analysis, Ctx};
use crate::ir::{Item, ValueKind};
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
            actions.extend(describe(ctx));
            actions.extend(wrap_in_try(ctx, &range));
            actions.extend(extract_variable(ctx, &range));
            actions
        })
    }
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
    (fixed > 1).then(|| CodeAction {
        title: format!("Fix all {fixed} findings that have one certain repair"),
        kind: ActionKind::FixAll,
        edits,
        preferred: false,
        code: None,
    })
}

/// A description for a script that has none.
fn describe(ctx: Ctx<'_>) -> Option<CodeAction> {
    let layout = ctx.layout();
    let script = layout
        .chunks
        .iter()
        .any(|placed| matches!(placed.chunk.item, Item::Block(_)));
    let described = layout.chunks.iter().any(|placed| matches!(&placed.chunk.item, Item::Block(block) if block.is("DESCRIBE") || block.is("META")));
    let brace = matches!(ctx.document().dialect().as_str(), "brace" | "flux");
    if !script || described || !brace {
        return None;
    }
    let at = layout
        .chunks
        .iter()
        .find(|placed| !matches!(placed.chunk.item, Item::Comment(_)))?
        .start;
    let text =
        "DESCRIBE {\n    name: \"\"\n    version: \"1.0\"\n    description: \"\"\n}\n\n".to_owned();
    Some(CodeAction {
        title: "Add a description".to_owned(),
        kind: ActionKind::Rewrite,
        edits: vec![TextEdit {
            range: at..at,
            text,
        }],
        preferred: false,
        code: None,
    })
}

/// Puts the block under the cursor into a `TRY` with a `CATCH`.
fn wrap_in_try(ctx: Ctx<'_>, range: &Range<usize>) -> Option<CodeAction> {
    let placed = ctx.layout().chunk_at(range.start)?;
    let at = u32::try_from(range.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at);
    let block = located
        .blocks
        .iter()
        .rev()
        .find(|block| block.header_word().touches(at))?;
    if !["ACTION", "CALL", "COMMAND", "PROMPT"]
        .iter()
        .any(|keyword| block.is(keyword))
    {
        return None;
    }
    let whole = block.span.at(placed.start);
    let rope = ctx.document().rope();
    let line = rope.line_to_byte(rope.byte_to_line(whole.start));
    let indent = ctx.document().slice(line..whole.start).into_owned();
    let raw = placed.chunk.slice(block.span).contains("\"\"\"")
        || placed.chunk.slice(block.span).contains('`');
    if !indent.trim().is_empty() || raw {
        return None;
    }
    let body = ctx.document().slice(whole.clone()).replace('\n', "\n    ");
    let text = format!(
        "TRY {{\n{indent}    {body}\n{indent}    CATCH {{\n{indent}        ACTION {{ type: \"log\" level: \"error\" message: \"${{error}}\" }}\n{indent}    }}\n{indent}}}"
    );
    Some(CodeAction {
        title: "Wrap in TRY".to_owned(),
        kind: ActionKind::Rewrite,
        edits: vec![TextEdit { range: whole, text }],
        preferred: false,
        code: None,
    })
}

/// Gives the value under the cursor a name of its own.
fn extract_variable(ctx: Ctx<'_>, range: &Range<usize>) -> Option<CodeAction> {
    let placed = ctx.layout().chunk_at(range.start)?;
    let at = u32::try_from(range.start - placed.start).ok()?;
    let located = locate(&placed.chunk, at);
    let property = located.property?;
    let value = located.value.filter(|value| {
        matches!(
            value.kind,
            ValueKind::Text { raw: false, .. } | ValueKind::Number(_)
        )
    })?;
    let block = located.blocks.first()?;
    let selected = range.end > range.start || value.span.touches(at);
    if !selected
        || block.is("VARIABLE")
        || block.is("CONFIG")
        || block.is("DESCRIBE")
        || block.is("META")
        || ctx.document().dialect().as_str() == "wot"
    {
        return None;
    }
    let scope = crate::scope::file_scope(ctx.db, ctx.file);
    let base = property.key.text.as_str();
    let name = std::iter::once(base.to_owned())
        .chain((2..1000).map(|number| format!("{base}_{number}")))
        .find(|name| !scope.knows(&name.as_str().into()))?;
    let text = placed.chunk.slice(value.span);
    let definition = format!("VARIABLE {name} {{\n    value: {text}\n}}\n\n");
    let start = placed.start;
    let edits = vec![
        TextEdit {
            range: start..start,
            text: definition,
        },
        TextEdit {
            range: value.span.at(placed.start),
            text: format!("\"${{{name}}}\""),
        },
    ];
    Some(CodeAction {
        title: format!("Extract into a variable `{name}`"),
        kind: ActionKind::Extract,
        edits,
        preferred: false,
        code: None,
    })
}
