//! Add a description: for a script that says nothing about itself.

use super::place::{action, replace};
use super::{ActionKind, CodeAction};
use crate::host::Ctx;
use crate::ir::Item;

pub(super) fn describe(ctx: Ctx<'_>) -> Option<CodeAction> {
    let layout = ctx.layout();
    let blocks = || {
        layout
            .chunks
            .iter()
            .filter_map(|placed| match &placed.chunk.item {
                Item::Block(block) => Some(block),
                _ => None,
            })
    };
    let described = blocks().any(|block| block.is("DESCRIBE") || block.is("META"));
    let brace = matches!(ctx.document().dialect().as_str(), "brace" | "flux");
    if blocks().next().is_none() || described || !brace {
        return None;
    }
    let mut chunks = layout.chunks.iter();
    let first = chunks.find(|placed| !matches!(placed.chunk.item, Item::Comment(_)))?;
    let text = "DESCRIBE {\n    name: \"\"\n    version: \"1.0\"\n    description: \"\"\n}\n\n";
    let edit = replace(first.start..first.start, text);
    Some(action("Add a description", ActionKind::Rewrite, vec![edit]))
}
