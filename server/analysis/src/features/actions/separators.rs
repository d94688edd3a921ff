//! `key: value` and `key = value`: the two dialects of properties.

use metascript_syntax::TextEdit;

use super::place::{Place, action, replace};
use super::{ActionKind, CodeAction};
use crate::ir::Span;

/// Both directions, where the block has properties of the other kind.
pub(super) fn separators(place: &Place<'_>) -> Vec<CodeAction> {
    let Some(block) = place.header().filter(|_| place.is_brace()) else {
        return Vec::new();
    };
    let mut colons: Vec<TextEdit> = Vec::new();
    let mut equals: Vec<TextEdit> = Vec::new();
    for property in block.properties() {
        let Some(value) = &property.value else {
            continue;
        };
        let between = Span {
            start: property.key.span.end,
            end: value.span.start,
        };
        // A quoted key has its quote in between.
        let text = place.slice(between);
        let (quote, sign) = match text.strip_prefix(['"', '\'']) {
            Some(rest) => (1, rest),
            None => (0, text),
        };
        let from = place.range(between).start + quote;
        let range = from..from + sign.len();
        match sign.trim() {
            ":" => equals.push(replace(range, " = ")),
            "=" => colons.push(replace(range, ": ")),
            _ => {}
        }
    }
    let mut actions = Vec::new();
    for (edits, title) in [
        (equals, "Write the properties as `key = value`"),
        (colons, "Write the properties as `key: value`"),
    ] {
        if !edits.is_empty() {
            actions.push(action(title, ActionKind::Rewrite, edits));
        }
    }
    actions
}
