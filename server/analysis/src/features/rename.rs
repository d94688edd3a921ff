//! Rename across languages, and the reasons to refuse.

use std::ops::Range;

use metascript_syntax::TextEdit;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::navigate::related;
use crate::expression::is_name;
use crate::host::{Analysis, Ctx};
use crate::ir::Span;
use crate::locate::locate;
use crate::names::cell::shorthand_names;
use crate::names::{Space, UseKind};
use crate::occurrences::{Hit, Role, all_names, hit, occurrences};
use crate::{Cancellable, FileId};

/// What would be renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenameTarget {
    /// The name under the cursor, in bytes.
    pub range: Range<usize>,
    /// The name as it is.
    pub name: String,
}

/// Why a rename is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence for people.
    pub reason: String,
}

/// Edits of several files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceChange {
    /// For each file its edits, in order: byte ranges in the text as it is, not overlapping.
    pub edits: Vec<(FileId, Vec<TextEdit>)>,
}

impl Analysis {
    /// Whether the name at an offset can be renamed.
    pub fn prepare_rename(
        &self,
        file: FileId,
        offset: usize,
    ) -> Cancellable<Result<RenameTarget, Refusal>> {
        let answer = self.about(file, |ctx| {
            Some(target(ctx, offset).map(|hit| RenameTarget {
                range: hit.range,
                name: hit.name.to_string(),
            }))
        })?;
        Ok(answer.unwrap_or_else(|| refuse("the file is not known")))
    }

    /// Renames the name at an offset everywhere it means the same, or says why that would change what the script does.
    pub fn rename(
        &self,
        file: FileId,
        offset: usize,
        name: &str,
    ) -> Cancellable<Result<SourceChange, Refusal>> {
        let answer = self.about(file, |ctx| {
            Some(target(ctx, offset).and_then(|hit| rename(ctx, &hit, name)))
        })?;
        Ok(answer.unwrap_or_else(|| refuse("the file is not known")))
    }
}

fn refuse<T>(reason: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal {
        reason: reason.into(),
    })
}

fn target(ctx: Ctx<'_>, offset: usize) -> Result<Hit, Refusal> {
    let Some(hit) = hit(ctx, offset) else {
        return refuse("there is no name here");
    };
    if matches!(hit.used, Some(UseKind::Mention | UseKind::Loose)) {
        return refuse(format!(
            "`{}` is text here: it only looks like a name",
            hit.name
        ));
    }
    let defined = related(ctx, &hit).any(|ctx| {
        occurrences(ctx, &hit)
            .iter()
            .any(crate::occurrences::Occurrence::defines)
    });
    if !defined {
        return refuse(format!("`{}` is not defined in this workspace", hit.name));
    }
    Ok(hit)
}

fn rename(ctx: Ctx<'_>, hit: &Hit, name: &str) -> Result<SourceChange, Refusal> {
    if !is_name(name) && hit.space != Space::Nodes {
        return refuse(format!(
            "`{name}` is not a name: letters, digits and `_`, not beginning with a digit"
        ));
    }
    if name.is_empty() || name.contains(['"', '\n', '{', '}']) {
        return refuse(format!("`{name}` cannot stand here"));
    }
    let mut change = SourceChange::default();
    for ctx in related(ctx, hit) {
        let edits = edits(ctx, hit, name)?;
        if !edits.is_empty() {
            change.edits.push((ctx.id, edits));
        }
    }
    Ok(change)
}

fn edits(ctx: Ctx<'_>, hit: &Hit, name: &str) -> Result<Vec<TextEdit>, Refusal> {
    let places = occurrences(ctx, hit);
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let line = |offset: usize| {
        ctx.document()
            .rope()
            .byte_to_line(offset.min(ctx.document().rope().len_bytes()))
            + 1
    };
    let new = SmolStr::new(name);
    let same_name = Hit {
        name: new.clone(),
        ..hit.clone()
    };
    if let Some(taken) = occurrences(ctx, &same_name)
        .iter()
        .find(|place| place.certain())
    {
        return refuse(format!(
            "`{name}` is already used on line {}",
            line(taken.range.start)
        ));
    }
    if let Some(doubtful) = places
        .iter()
        .find(|place| matches!(place.role, Role::Reads(UseKind::Loose)))
    {
        return refuse(format!(
            "line {} mentions `{}` in a place that cannot be read for certain",
            line(doubtful.range.start),
            hit.name
        ));
    }
    check_cells(ctx, hit, &new)?;
    let certain = places
        .into_iter()
        .filter(crate::occurrences::Occurrence::certain);
    let short = shorthands(ctx, hit);
    Ok(certain
        .map(|place| {
            // The key is the object's, not the variable's: it stays.
            let text = if short.contains(&place.range.start) {
                format!("{}: {name}", hit.name)
            } else {
                name.to_owned()
            };
            TextEdit {
                range: place.range,
                text,
            }
        })
        .collect())
}

/// Where the name is key and variable in one, as in `{ name }` of JavaScript.
fn shorthands(ctx: Ctx<'_>, hit: &Hit) -> FxHashSet<usize> {
    let mut found = FxHashSet::default();
    for (base, piece, names) in all_names(ctx) {
        for (code, _) in &names.cell_locals {
            let here = |span: Span| code.contains(span);
            let meant = names
                .uses
                .iter()
                .any(|one| one.name == hit.name && here(one.span))
                || names
                    .defs
                    .iter()
                    .any(|one| one.name == hit.name && here(one.span));
            let chunk = piece.chunk(ctx.db);
            let Some(cell) = meant.then(|| locate(chunk, code.start).cell).flatten() else {
                continue;
            };
            let start = base + code.start as usize;
            let places = shorthand_names(&cell.language, chunk.slice(*code));
            found.extend(places.into_iter().map(|at| start + at));
        }
    }
    found
}

/// In a cell the new name must neither meet a local one nor be a word of the language.
fn check_cells(ctx: Ctx<'_>, hit: &Hit, name: &SmolStr) -> Result<(), Refusal> {
    for (base, _, names) in all_names(ctx) {
        for (code, locals) in &names.cell_locals {
            let here = names.uses.iter().any(|used| {
                used.name == hit.name && used.kind == UseKind::Cell && code.contains(used.span)
            }) || names
                .defs
                .iter()
                .any(|def| def.name == hit.name && code.contains(def.span));
            if !here {
                continue;
            }
            let line = ctx
                .document()
                .rope()
                .byte_to_line(base + code.start as usize)
                + 1;
            if locals.contains(name) {
                return refuse(format!(
                    "the cell on line {line} has a local `{name}`, which would hide the new name"
                ));
            }
            if RESERVED.contains(&name.as_str()) {
                return refuse(format!(
                    "`{name}` is a word of the language of the cell on line {line}"
                ));
            }
        }
        if hit.space == Space::Values && hit.area.is_none() {
            let hidden = names
                .defs
                .iter()
                .find(|def| def.name == *name && def.local.is_some());
            let read_inside = |area: crate::ir::Span| {
                names.uses.iter().any(|used| {
                    used.name == hit.name
                        && used.kind != UseKind::Mention
                        && area.contains(used.span)
                })
            };
            if let Some(area) = hidden
                .and_then(|def| def.local)
                .filter(|area| read_inside(*area))
            {
                let line = ctx
                    .document()
                    .rope()
                    .byte_to_line(base + area.start as usize)
                    + 1;
                return refuse(format!(
                    "the function on line {line} has a parameter `{name}`, which would hide the new name"
                ));
            }
        }
    }
    Ok(())
}

/// Words that name no variable in at least one language of cells.
const RESERVED: &[&str] = &[
    "abstract",
    "and",
    "as",
    "assert",
    "async",
    "await",
    "base",
    "begin",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "crate",
    "def",
    "del",
    "delegate",
    "do",
    "done",
    "downcast",
    "downto",
    "dyn",
    "elif",
    "else",
    "end",
    "enum",
    "except",
    "exception",
    "export",
    "extends",
    "extern",
    "False",
    "false",
    "finally",
    "fn",
    "for",
    "foreach",
    "from",
    "fun",
    "function",
    "global",
    "goto",
    "if",
    "impl",
    "import",
    "in",
    "inherit",
    "inline",
    "interface",
    "internal",
    "is",
    "lambda",
    "lazy",
    "let",
    "loop",
    "match",
    "member",
    "mod",
    "module",
    "move",
    "mut",
    "mutable",
    "namespace",
    "new",
    "None",
    "nonlocal",
    "not",
    "null",
    "of",
    "open",
    "operator",
    "or",
    "override",
    "pass",
    "private",
    "protected",
    "pub",
    "public",
    "raise",
    "readonly",
    "rec",
    "ref",
    "return",
    "Self",
    "self",
    "static",
    "struct",
    "super",
    "switch",
    "then",
    "this",
    "throw",
    "to",
    "trait",
    "True",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "upcast",
    "use",
    "using",
    "val",
    "var",
    "void",
    "when",
    "where",
    "while",
    "with",
    "yield",
];
