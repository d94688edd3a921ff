//! Extract variable: a value that is written down in a block gets a name of its own.

use super::place::{Place, action, replace};
use super::{ActionKind, CodeAction};
use crate::expression;
use crate::ir::ValueKind;
use crate::names::DefKind;
use crate::occurrences::names_at;

pub(super) fn extract_variable(place: &Place<'_>) -> Option<CodeAction> {
    let property = place.located.property?;
    let value = place.located.value.filter(|value| {
        matches!(
            value.kind,
            ValueKind::Text { raw: false, .. } | ValueKind::Number(_)
        )
    })?;
    let block = place.located.blocks.first()?;
    let declares = ["VARIABLE", "CONFIG", "DESCRIBE", "META"];
    let selected = place.selection.end > place.selection.start || value.span.touches(place.at);
    if !selected
        || declares.iter().any(|keyword| block.is(keyword))
        || place.placed.chunk.dialect.as_str() == "wot"
    {
        return None;
    }
    let text = place.slice(value.span);
    if reads_what_is_only_here(place, text) {
        return None;
    }
    let key = property.key.text.as_str();
    let name = place.fresh_name(if expression::is_name(key) {
        key
    } else {
        "value"
    })?;
    let start = place.placed.start;
    let edits = vec![
        replace(
            start..start,
            format!("VARIABLE {name} {{\n    value: {text}\n}}\n\n"),
        ),
        replace(place.range(value.span), format!("\"${{{name}}}\"")),
    ];
    Some(action(
        format!("Extract into a variable `{name}`"),
        ActionKind::Extract,
        edits,
    ))
}

/// Whether a text reads a parameter, the variable of a loop or a result that the block around makes: above the block
/// there is none yet.
fn reads_what_is_only_here(place: &Place<'_>, text: &str) -> bool {
    let Some((_, _, names)) = names_at(place.ctx, place.selection.start) else {
        return false;
    };
    expression::interpolations(text).into_iter().any(|range| {
        let inside = text.get(range).unwrap_or_default();
        expression::free_names(inside).iter().any(|free| {
            names.defs.iter().any(|def| {
                def.name == free.name
                    && matches!(
                        def.kind,
                        DefKind::Parameter | DefKind::Loop | DefKind::Result | DefKind::Assigned
                    )
            })
        })
    })
}
