//! Inline variable: its value takes its place wherever it is read, and the declaration goes.

use metascript_syntax::TextEdit;

use super::place::{Place, action, replace};
use super::{ActionKind, CodeAction};
use crate::features::kinds::block_at;
use crate::features::navigate::related;
use crate::ir::{Value, ValueKind};
use crate::names::{DefKind, Space, UseKind};
use crate::occurrences::{Role, hit, occurrences};

pub(super) fn inline_variable(place: &Place<'_>) -> Option<CodeAction> {
    let ctx = place.ctx;
    let hit = hit(ctx, place.selection.start)
        .filter(|hit| hit.space == Space::Values && hit.area.is_none())?;
    let places = occurrences(ctx, &hit);
    let mut definitions = places.iter().filter(|one| one.defines());
    let (definition, None) = (definitions.next()?, definitions.next()) else {
        return None;
    };
    let Role::Defines {
        kind: DefKind::Variable,
        full,
        ..
    } = &definition.role
    else {
        return None;
    };
    let (base, block) = block_at(ctx, full).filter(|(_, block)| block.is("VARIABLE"))?;
    let declared = ctx.layout().chunk_at(full.start)?;
    let value = block.property_of(&["value", "default"])?.value.as_ref()?;
    let (inner, whole) = literal(value, &|span| declared.chunk.slice(span))?;
    // Another script that reads the variable would lose it.
    let elsewhere =
        related(ctx, &hit).any(|other| other.id != ctx.id && !occurrences(other, &hit).is_empty());
    if elsewhere || base != full.start {
        return None;
    }
    let mut edits: Vec<TextEdit> = Vec::new();
    for read in places.iter().filter(|one| !one.defines()) {
        let Role::Reads(UseKind::Expression) = read.role else {
            return None;
        };
        edits.push(inlined(place, &read.range, &inner, &whole)?);
    }
    if edits.is_empty() {
        return None;
    }
    edits.push(replace(place.with_rest_of_line(full), ""));
    edits.sort_by_key(|edit| edit.range.start);
    Some(action(
        format!("Inline the variable `{}`", hit.name),
        ActionKind::Inline,
        edits,
    ))
}

/// A value that may stand in any text: as it is within quotes, and as it is alone.
fn literal<'a>(
    value: &Value,
    slice: &dyn Fn(crate::ir::Span) -> &'a str,
) -> Option<(String, String)> {
    let whole = slice(value.span).to_owned();
    match &value.kind {
        ValueKind::Text {
            raw: false,
            word: Some(word),
            ..
        } => {
            let safe = !word.text.contains(['"', '\'', '`', '$']);
            safe.then(|| (word.text.to_string(), whole))
        }
        ValueKind::Number(_) | ValueKind::Bool(_) => Some((whole.clone(), whole)),
        _ => None,
    }
}

/// The edit for one place that reads the variable: `"${name}"` becomes the value, `${name}` in a longer text its text.
fn inlined(
    place: &Place<'_>,
    name: &std::ops::Range<usize>,
    inner: &str,
    whole: &str,
) -> Option<TextEdit> {
    let document = place.ctx.document();
    let length = document.rope().len_bytes();
    let braces = name.start.checked_sub(2)?..name.end + 1;
    if braces.end > length {
        return None;
    }
    let text = document.slice(braces.clone());
    if !(text.starts_with("${") && text.ends_with('}')) {
        return None;
    }
    let quotes = braces.start.checked_sub(1)?..(braces.end + 1).min(length);
    let around = document.slice(quotes.clone());
    let alone = around.starts_with('"') && around.ends_with('"');
    Some(if alone {
        replace(quotes, whole)
    } else {
        replace(braces, inner)
    })
}
