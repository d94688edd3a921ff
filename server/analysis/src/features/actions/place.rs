//! What an action looks at, and the text work that most of them share.

use std::ops::Range;

use metascript_syntax::TextEdit;

use super::{ActionKind, CodeAction};
use crate::host::Ctx;
use crate::ir::{Block, CellItem, Chunk, Item, Placed, Span, Value, ValueKind};
use crate::locate::{Located, locate};

/// The selection, with what stands at its start.
pub(super) struct Place<'a> {
    pub(super) ctx: Ctx<'a>,
    pub(super) placed: &'a Placed,
    /// In bytes of the file; empty for a cursor.
    pub(super) selection: Range<usize>,
    /// The start of the selection, relative to the chunk.
    pub(super) at: u32,
    pub(super) located: Located<'a>,
}

/// Something that stands beside others.
#[derive(Clone, Copy)]
pub(super) struct Sibling<'a> {
    /// The start of its chunk.
    pub(super) base: usize,
    pub(super) chunk: &'a Chunk,
    pub(super) item: &'a Item,
}

impl Sibling<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.item.span().at(self.base)
    }
}

impl<'a> Place<'a> {
    pub(super) fn new(ctx: Ctx<'a>, selection: &Range<usize>) -> Option<Place<'a>> {
        let placed = ctx.layout().chunk_at(selection.start)?;
        let at = u32::try_from(selection.start - placed.start).ok()?;
        Some(Place {
            ctx,
            placed,
            selection: selection.clone(),
            at,
            located: locate(&placed.chunk, at),
        })
    }

    /// Whether the script is one of blocks in braces, which actions know how to write.
    pub(super) fn is_brace(&self) -> bool {
        matches!(self.placed.chunk.dialect.as_str(), "brace" | "flux")
    }

    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.placed.chunk.slice(span)
    }

    pub(super) fn range(&self, span: Span) -> Range<usize> {
        span.at(self.placed.start)
    }

    /// The block whose keyword or name is under the cursor.
    pub(super) fn header(&self) -> Option<&'a Block> {
        let mut blocks = self.located.blocks.iter().rev();
        blocks
            .find(|block| block.header_word().touches(self.at))
            .copied()
    }

    /// The white space before an offset on its line; `None` when something else stands there.
    pub(super) fn indent(&self, offset: usize) -> Option<String> {
        let rope = self.ctx.document().rope();
        let line = rope.line_to_byte(rope.byte_to_line(offset.min(rope.len_bytes())));
        let text = self.ctx.document().slice(line..offset).into_owned();
        text.trim().is_empty().then_some(text)
    }

    /// The items before and after one that begins at `start`, comments left out.
    pub(super) fn beside(&self, start: u32) -> (Option<Sibling<'a>>, Option<Sibling<'a>>) {
        let row: Vec<Sibling<'a>> = if self.placed.chunk.item.span().start == start {
            let chunks = &self.ctx.layout().chunks;
            let here = chunks.partition_point(|placed| placed.start < self.placed.start);
            let near = chunks
                .get(here.saturating_sub(1)..(here + 2).min(chunks.len()))
                .unwrap_or_default();
            near.iter()
                .map(|placed| Sibling {
                    base: placed.start,
                    chunk: &placed.chunk,
                    item: &placed.chunk.item,
                })
                .collect()
        } else {
            let parent = self.located.blocks.iter().rev().find(|block| {
                block.span.start < start
                    && block.items.iter().any(|item| item.span().start == start)
            });
            let items = parent.map(|block| block.items.iter());
            items
                .into_iter()
                .flatten()
                .map(|item| Sibling {
                    base: self.placed.start,
                    chunk: &self.placed.chunk,
                    item,
                })
                .collect()
        };
        let at = self.placed.start + start as usize;
        let own = row.iter().position(|one| one.range().start == at);
        let Some(own) = own else { return (None, None) };
        let before = own.checked_sub(1).and_then(|index| row.get(index));
        (before.copied(), row.get(own + 1).copied())
    }

    /// Whether nothing but white space stands between two offsets.
    pub(super) fn is_blank(&self, between: Range<usize>) -> bool {
        between.start <= between.end && self.ctx.document().slice(between).trim().is_empty()
    }

    /// A range grown over the white space and the line end behind it, so that no empty line stays.
    pub(super) fn with_rest_of_line(&self, range: &Range<usize>) -> Range<usize> {
        let rope = self.ctx.document().rope();
        let length = rope.len_bytes();
        let after = (range.end + 256).min(length);
        let rest = self.ctx.document().slice(range.end..after).into_owned();
        let blank: usize = rest
            .split_inclusive('\n')
            .take_while(|line| line.trim().is_empty())
            .take(2)
            .map(str::len)
            .sum();
        range.start..range.end + blank
    }

    /// A name that nothing in the script has: `base`, `base_2`, ...
    pub(super) fn fresh_name(&self, base: &str) -> Option<String> {
        let scope = crate::scope::file_scope(self.ctx.db, self.ctx.file);
        std::iter::once(base.to_owned())
            .chain((2..1000).map(|number| format!("{base}_{number}")))
            .find(|name| !scope.knows(&name.as_str().into()))
    }
}

/// An action of one place that changes the shape.
pub(super) fn action(
    title: impl Into<String>,
    kind: ActionKind,
    edits: Vec<TextEdit>,
) -> CodeAction {
    CodeAction {
        title: title.into(),
        kind,
        edits,
        preferred: false,
        code: None,
    }
}

pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> TextEdit {
    TextEdit {
        range,
        text: text.into(),
    }
}

/// The lines of `span` that may not be moved: what is inside raw text and cells is said literally.
fn frozen(item: &Item, out: &mut Vec<Range<u32>>) {
    match item {
        Item::Block(block) => {
            block.items.iter().for_each(|item| frozen(item, out));
            for value in block.arguments.iter().filter_map(|one| one.value.as_ref()) {
                frozen_value(value, out);
            }
        }
        Item::Property(property) => {
            if let Some(value) = &property.value {
                frozen_value(value, out);
            }
        }
        Item::Cell(cell) => out.push(cell.code.start..cell.code.end),
        Item::Text { span, .. } => out.push(span.start..span.end),
        Item::Value(value) => frozen_value(value, out),
        Item::Command { values, .. } => values.iter().for_each(|value| frozen_value(value, out)),
        Item::Comment(_) | Item::Edge(_) | Item::Broken(_) => {}
    }
}

fn frozen_value(value: &Value, out: &mut Vec<Range<u32>>) {
    match &value.kind {
        // The closing quotes stand on a line that is text up to them.
        ValueKind::Text { inner, .. } => out.push(inner.start + 1..inner.end + 1),
        ValueKind::Array(values) | ValueKind::Many(values) => {
            values.iter().for_each(|value| frozen_value(value, out));
        }
        ValueKind::Object(items) => items.iter().for_each(|item| frozen(item, out)),
        _ => {}
    }
}

/// The text of a span with `old` indentation of its lines turned into `new`. The first line is left alone.
pub(super) fn moved(chunk: &Chunk, span: Span, old: &str, new: &str) -> String {
    let mut still = Vec::new();
    frozen(&chunk.item, &mut still);
    let mut out = String::new();
    let mut start = span.start;
    for (number, line) in chunk.slice(span).split_inclusive('\n').enumerate() {
        let literal = still.iter().any(|range| range.contains(&start));
        if number == 0 || literal || line.trim().is_empty() {
            out.push_str(line);
        } else {
            out.push_str(new);
            out.push_str(line.strip_prefix(old).unwrap_or_else(|| line.trim_start()));
        }
        start += u32::try_from(line.len()).unwrap_or(0);
    }
    out
}

/// Whether a block of such a kind stands in an item, at any depth.
pub(super) fn holds_block(item: &Item, wanted: &dyn Fn(&Block) -> bool) -> bool {
    match item {
        Item::Block(block) => {
            wanted(block) || block.items.iter().any(|item| holds_block(item, wanted))
        }
        Item::Property(property) => match property.value.as_ref().map(|value| &value.kind) {
            Some(ValueKind::Object(items)) => items.iter().any(|item| holds_block(item, wanted)),
            _ => false,
        },
        _ => false,
    }
}

/// The cell that an item is.
pub(super) fn cell_of(item: &Item) -> Option<&CellItem> {
    match item {
        Item::Cell(cell) => Some(cell),
        _ => None,
    }
}

/// The block that an item is.
pub(super) fn block_of(item: &Item) -> Option<&Block> {
    match item {
        Item::Block(block) => Some(block),
        _ => None,
    }
}
