//! What stands at an offset.

use crate::ir::{Block, CellItem, Chunk, Item, Property, Value, ValueKind};

/// The way from a chunk down to an offset.
#[derive(Debug, Default, Clone)]
pub(crate) struct Located<'a> {
    /// The blocks around, outermost first.
    pub(crate) blocks: Vec<&'a Block>,
    /// The property around, innermost.
    pub(crate) property: Option<&'a Property>,
    /// The value around, innermost.
    pub(crate) value: Option<&'a Value>,
    pub(crate) cell: Option<&'a CellItem>,
    /// The offset is on a comment.
    pub(crate) comment: bool,
}

impl<'a> Located<'a> {
    pub(crate) fn block(&self) -> Option<&'a Block> {
        self.blocks.last().copied()
    }
}

pub(crate) fn locate(chunk: &Chunk, offset: u32) -> Located<'_> {
    let mut located = Located::default();
    item(&chunk.item, offset, &mut located);
    located
}

fn item<'a>(item_: &'a Item, offset: u32, located: &mut Located<'a>) {
    match item_ {
        Item::Block(block) => {
            located.blocks.push(block);
            located.property = None;
            located.value = None;
            for argument in &block.arguments {
                if argument.span.touches(offset) {
                    property(argument, offset, located);
                    return;
                }
            }
            inner(&block.items, offset, located);
        }
        Item::Property(found) => property(found, offset, located),
        Item::Cell(cell) => located.cell = Some(cell),
        Item::Value(found) => value(found, offset, located),
        Item::Command { values, .. } => {
            if let Some(found) = values.iter().find(|found| found.span.touches(offset)) {
                value(found, offset, located);
            }
        }
        Item::Comment(_) => located.comment = true,
        Item::Edge(_) | Item::Text { .. } | Item::Broken(_) => {}
    }
}

fn inner<'a>(items: &'a [Item], offset: u32, located: &mut Located<'a>) {
    // Items may touch: the one that the offset lies in wins over the one that ends there.
    let mut candidates = items.iter().filter(|item| item.span().touches(offset));
    let first = candidates.next();
    let second = candidates
        .next()
        .filter(|item| item.span().start <= offset && offset < item.span().end);
    if let Some(found) = second.or(first) {
        item(found, offset, located);
    }
}

fn property<'a>(found: &'a Property, offset: u32, located: &mut Located<'a>) {
    located.property = Some(found);
    located.value = None;
    if let Some(inside) = found
        .value
        .as_ref()
        .filter(|inside| inside.span.touches(offset))
    {
        value(inside, offset, located);
    }
}

fn value<'a>(found: &'a Value, offset: u32, located: &mut Located<'a>) {
    located.value = Some(found);
    match &found.kind {
        ValueKind::Object(items) => inner(items, offset, located),
        ValueKind::Array(values) | ValueKind::Many(values) => {
            if let Some(inside) = values.iter().find(|inside| inside.span.touches(offset)) {
                value(inside, offset, located);
            }
        }
        _ => {}
    }
}
