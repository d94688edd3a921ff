//! The two ways to say what happens otherwise: an ELSE after the IF, and `else: {}` inside it.

use super::place::{Place, action, block_of, moved, replace};
use super::{ActionKind, CodeAction};
use crate::ir::{Block, Item, Span, ValueKind};

/// `IF { } ELSE { }` becomes `IF { else: { } }`.
pub(super) fn into_property(place: &Place<'_>) -> Option<CodeAction> {
    let block = place.header()?;
    let (before, after) = place.beside(block.span.start);
    let here = |block: &Block| block.span.at(place.placed.start);
    let (owner, owner_at, otherwise, chunk, base) = if block.is("IF") {
        let next = after?;
        let otherwise = block_of(next.item)?;
        (block, here(block), otherwise, next.chunk, next.base)
    } else {
        let previous = before?;
        let owner = block_of(previous.item)?;
        let chunk = &*place.placed.chunk;
        (owner, previous.range(), block, chunk, place.placed.start)
    };
    let plain = otherwise.is("ELSE")
        && otherwise.modifier.is_none()
        && otherwise.name.is_none()
        && otherwise.arguments.is_empty()
        && !otherwise
            .items
            .iter()
            .any(|item| matches!(item, Item::Property(_)));
    let else_at = otherwise.span.at(base);
    if !plain
        || !owner.is("IF")
        || owner.property("else").is_some()
        || !place.is_blank(owner_at.end..else_at.start)
    {
        return None;
    }
    let indent = place.indent(owner_at.start)?;
    let inner = format!("{indent}    ");
    let text = moved(chunk, otherwise.body, &indent, &inner);
    let text = text.trim_end();
    let close = if text.contains('\n') {
        format!("\n{inner}}}")
    } else {
        " }".to_owned()
    };
    // Behind the last thing in the IF, before its closing brace.
    let body = (owner_at.start + (owner.body.start - owner.span.start) as usize)
        ..(owner_at.start + (owner.body.end - owner.span.start) as usize);
    let written = place.ctx.document().slice(body.clone()).trim_end().len();
    let edits = vec![
        replace(
            body.start + written..body.end,
            format!("\n{inner}else: {{{text}{close}\n{indent}"),
        ),
        replace(owner_at.end..else_at.end, ""),
    ];
    Some(action(
        "Move ELSE into the IF as `else:`",
        ActionKind::Rewrite,
        edits,
    ))
}

/// `IF { else: { } }` becomes `IF { } ELSE { }`.
pub(super) fn into_sibling(place: &Place<'_>) -> Option<CodeAction> {
    let block = place
        .located
        .blocks
        .iter()
        .rev()
        .find(|block| block.is("IF"))?;
    let property = block
        .properties()
        .find(|property| property.key.text == "else" && property.key.span.touches(place.at))?;
    let value = property.value.as_ref()?;
    let ValueKind::Object(items) = &value.kind else {
        return None;
    };
    let plain = items
        .iter()
        .all(|item| matches!(item, Item::Block(_) | Item::Cell(_) | Item::Comment(_)));
    let (_, next) = place.beside(block.span.start);
    let taken = next.is_some_and(|next| {
        block_of(next.item).is_some_and(|next| next.is("ELSE") || next.is("ELIF"))
    });
    let braces = place.slice(value.span);
    if !plain || taken || !braces.starts_with('{') || !braces.ends_with('}') {
        return None;
    }
    let whole = place.range(block.span);
    let indent = place.indent(whole.start)?;
    let old = place.indent(place.range(property.span).start);
    let old = old.unwrap_or_else(|| format!("{indent}    "));
    let inside = Span {
        start: value.span.start + 1,
        end: value.span.end - 1,
    };
    let text = moved(&place.placed.chunk, inside, &old, &indent);
    let text = text.trim_end();
    let close = if text.contains('\n') {
        format!("\n{indent}}}")
    } else {
        " }".to_owned()
    };
    let before = place.slice(Span {
        start: block.body.start,
        end: property.span.start,
    });
    let from = block.body.start as usize + before.trim_end().len();
    let edits = vec![
        replace(
            place.placed.start + from..place.range(property.span).end,
            "",
        ),
        replace(
            whole.end..whole.end,
            format!("\n{indent}ELSE {{{text}{close}"),
        ),
    ];
    Some(action(
        "Move `else:` behind the IF as ELSE",
        ActionKind::Rewrite,
        edits,
    ))
}
