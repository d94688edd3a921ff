//! Names inside the code of a cell: those of the script, of the cell itself, and the host interface.

use metascript_syntax::Language;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::context::Context;
use super::items::item;
use super::{CompletionItem, CompletionKind, Docs, names};
use crate::features::host_interface::{self as host, Entry};
use crate::host::Ctx;
use crate::ir::{CellItem, Span};
use crate::names::piece_names;
use crate::occurrences::names_at;

/// What can stand in the code of a cell.
pub(super) fn names(ctx: Ctx<'_>, context: &Context<'_>, cell: &CellItem) -> Vec<CompletionItem> {
    let mut items = names::names(ctx, context);
    items.retain(|item| item.kind == CompletionKind::Variable);
    let own = items.iter().any(|item| item.label == host::ROOT);
    if let Some(path) = member_of(ctx, context, &cell.language) {
        // Members of other values are known to a running session only.
        let members = host::members(&path, &cell.language).filter(|_| !own);
        return members.map(|entry| member(context, entry)).collect();
    }
    let known: FxHashSet<String> = items.iter().map(|item| item.label.clone()).collect();
    let locals = locals(ctx, context, cell.code);
    items.extend(
        locals
            .iter()
            .filter(|name| !known.contains(name.as_str()))
            .map(|name| item(context, name, CompletionKind::Variable, name.to_string())),
    );
    if host::has(&cell.language) && !own {
        items.push(CompletionItem {
            detail: Some("the host interface".to_owned()),
            documentation: Some(Docs::Text(host::DOCS.to_owned())),
            ..item(
                context,
                host::ROOT,
                CompletionKind::Module,
                host::ROOT.to_owned(),
            )
        });
    }
    items
}

/// The path before the dot that the cursor stands behind; `None` when it stands behind none.
fn member_of(ctx: Ctx<'_>, context: &Context<'_>, language: &Language) -> Option<String> {
    let rope = ctx.document().rope();
    let start = rope.line_to_byte(rope.byte_to_line(context.replace.start));
    let before = ctx.document().slice(start..context.replace.start);
    let path = match language {
        Language::Rust => before.strip_suffix("::"),
        _ => None,
    };
    let path = path.or_else(|| before.strip_suffix('.'))?;
    Some(host::path_at_end(path, language).to_owned())
}

fn member(context: &Context<'_>, entry: &Entry) -> CompletionItem {
    let kind = if entry.parameters.is_some() {
        CompletionKind::Function
    } else {
        CompletionKind::Module
    };
    CompletionItem {
        detail: Some(entry.signature()),
        documentation: Some(Docs::Text(entry.docs.to_owned())),
        ..item(context, entry.name(), kind, entry.name().to_owned())
    }
}

/// The cell's own inner names, as far as its tree knows them.
fn locals(ctx: Ctx<'_>, context: &Context<'_>, code: Span) -> Vec<SmolStr> {
    let Some((_, piece, _)) = names_at(ctx, context.offset) else {
        return Vec::new();
    };
    let names = piece_names(ctx.db, piece);
    let of_cell = names.cell_locals.iter().filter(|(span, _)| *span == code);
    let mut locals: Vec<SmolStr> = of_cell
        .flat_map(|(_, locals)| locals.iter().cloned())
        .collect();
    locals.sort_unstable();
    locals
}
