//! Wrap in TRY: what may fail gets a CATCH.

use super::place::{Place, action, moved, replace};
use super::{ActionKind, CodeAction};

/// Blocks that talk to the world.
const MAY_FAIL: &[&str] = &[
    "ACTION", "CALL", "COMMAND", "PROMPT", "FOREACH", "FOR", "WHILE",
];

pub(super) fn wrap_in_try(place: &Place<'_>) -> Option<CodeAction> {
    let block = place.header()?;
    if !MAY_FAIL.iter().any(|keyword| block.is(keyword)) || !place.is_brace() {
        return None;
    }
    let whole = place.range(block.span);
    let indent = place.indent(whole.start)?;
    let inner = format!("{indent}    ");
    let body = moved(&place.placed.chunk, block.span, &indent, &inner);
    let text = format!(
        "TRY {{\n{inner}{body}\n{inner}CATCH {{\n{inner}    ACTION {{ type: \"log\" level: \"error\" message: \"${{error}}\" }}\n{inner}}}\n{indent}}}"
    );
    Some(action(
        "Wrap in TRY",
        ActionKind::Rewrite,
        vec![replace(whole, text)],
    ))
}
