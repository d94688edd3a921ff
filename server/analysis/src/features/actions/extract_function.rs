//! Extract function: selected blocks become a FUNCTION, and a CALL takes their place.

use super::place::{Place, Sibling, action, block_of, holds_block, moved, replace};
use super::{ActionKind, CodeAction};
use crate::ir::{Item, Span};
use crate::names::DefKind;
use crate::occurrences::names_at;

/// Steps that a function may hold.
const STEPS: &[&str] = &[
    "ACTION", "CALL", "COMMAND", "PROMPT", "IF", "ELSE", "FOR", "FOREACH", "WHILE", "LOOP", "TRY",
    "CATCH", "FINALLY",
];

/// What leaves the place that it stands in: in a function it would leave the function instead.
const LEAVING: &[&str] = &["RETURN", "BREAK", "CONTINUE"];

/// What belongs to the block before it.
const SEQUELS: &[&str] = &["ELSE", "CATCH", "FINALLY"];

pub(super) fn extract_function(place: &Place<'_>) -> Option<CodeAction> {
    let selected = selected(place)?;
    let (first, last) = (selected.first()?, selected.last()?);
    let base = first.base;
    let name = place.fresh_name("extracted")?;
    let indent = place.indent(first.range().start)?;
    let parameters = parameters(place, first, last);
    let list = parameters
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let body: Vec<String> = selected
        .iter()
        .map(|one| {
            let text = moved(one.chunk, one.item.span(), &indent, "    ");
            format!("    {text}\n")
        })
        .collect();
    let function = format!(
        "FUNCTION {name} {{\n    parameters: [{list}]\n{}}}\n\n",
        body.concat()
    );
    let given = parameters
        .iter()
        .map(|name| format!("{name}: \"${{{name}}}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let arguments = if given.is_empty() {
        String::new()
    } else {
        format!("{indent}    arguments: {{ {given} }}\n")
    };
    let call = format!("CALL {{\n{indent}    function: \"{name}\"\n{arguments}{indent}}}");
    let whole = first.range().start..last.range().end;
    let edits = if whole.start == base {
        vec![replace(whole, format!("{function}{call}"))]
    } else {
        vec![replace(base..base, function), replace(whole, call)]
    };
    Some(action(
        format!("Extract into a function `{name}`"),
        ActionKind::Extract,
        edits,
    ))
}

/// The items that the selection holds as wholes; `None` when it cuts one or holds what cannot be moved.
fn selected<'a>(place: &Place<'a>) -> Option<Vec<Sibling<'a>>> {
    let text = place.ctx.document().slice(place.selection.clone());
    let lead = text.len() - text.trim_start().len();
    let span = place.selection.start + lead..place.selection.start + text.trim_end().len();
    if span.is_empty() || !place.is_brace() {
        return None;
    }
    let inside = place.located.blocks.iter().rev().find(|block| {
        let body = place.range(block.body);
        body.start <= span.start && span.end <= body.end
    });
    let row: Vec<Sibling<'a>> = if let Some(block) = inside {
        block
            .items
            .iter()
            .map(|item| Sibling {
                base: place.placed.start,
                chunk: &place.placed.chunk,
                item,
            })
            .collect()
    } else {
        let chunks = &place.ctx.layout().chunks;
        let first = chunks.partition_point(|placed| placed.range().end <= span.start);
        let upto = chunks.partition_point(|placed| placed.start < span.end);
        // One more, to see what follows.
        let near = chunks.get(first..(upto + 1).min(chunks.len()))?;
        near.iter()
            .map(|placed| Sibling {
                base: placed.start,
                chunk: &placed.chunk,
                item: &placed.chunk.item,
            })
            .collect()
    };
    let touched = |one: &Sibling<'_>| one.range().start < span.end && span.start < one.range().end;
    let held: Vec<Sibling<'a>> = row.iter().copied().filter(|one| touched(one)).collect();
    let whole = held
        .iter()
        .all(|one| span.start <= one.range().start && one.range().end <= span.end);
    let movable = |one: &Sibling<'_>| match one.item {
        Item::Block(block) => STEPS.iter().any(|step| block.is(step)),
        Item::Comment(_) => true,
        _ => false,
    };
    let leaves = |one: &Sibling<'_>| {
        holds_block(one.item, &|block| LEAVING.iter().any(|word| block.is(word)))
    };
    let sequel = |one: &Sibling<'_>| {
        block_of(one.item).is_some_and(|block| SEQUELS.iter().any(|word| block.is(word)))
    };
    let end = held.last()?.range().end;
    let next = row.iter().find(|one| one.range().start >= end);
    let fits = whole
        && held.iter().any(|one| block_of(one.item).is_some())
        && held.iter().all(movable)
        && !held.iter().any(leaves)
        && !held.first().is_some_and(sequel)
        && !next.is_some_and(sequel);
    fits.then_some(held)
}

/// The names that the blocks read and that only the place around them knows, in the order in which they are read.
fn parameters(place: &Place<'_>, first: &Sibling<'_>, last: &Sibling<'_>) -> Vec<String> {
    if first.base != last.base || first.range().start == first.base {
        return Vec::new();
    }
    let Some((_, _, names)) = names_at(place.ctx, first.range().start) else {
        return Vec::new();
    };
    let inside = Span {
        start: first.item.span().start,
        end: last.item.span().end,
    };
    let mut found: Vec<String> = Vec::new();
    for used in names.uses.iter().filter(|used| inside.contains(used.span)) {
        let local = names.defs.iter().any(|def| {
            def.name == used.name
                && matches!(def.kind, DefKind::Parameter | DefKind::Loop)
                && !inside.contains(def.span)
                && def.local.unwrap_or(def.full).contains(inside)
        });
        if local && !found.iter().any(|known| *known == used.name.as_str()) {
            found.push(used.name.to_string());
        }
    }
    found
}
