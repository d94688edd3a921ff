//! Where the cursor is, from the tree as far as it reaches and from the line where it does not yet.

use std::ops::Range;

use metascript_syntax::Dialect;

use crate::expression::{continues_name, interpolations};
use crate::host::Ctx;
use crate::ir::{Block, CellItem, Chunk, Item, Placed, Property, Value, ValueKind};
use crate::locate::locate;

/// Where the cursor is.
pub(super) struct Context<'db> {
    pub(super) place: Place<'db>,
    /// What has been typed of the word so far.
    pub(super) typed: String,
    /// The word around the cursor: what an item replaces.
    pub(super) replace: Range<usize>,
    pub(super) offset: usize,
    pub(super) dialect: Dialect,
}

/// What can stand where the cursor is.
pub(super) enum Place<'db> {
    /// Where an item begins: a keyword or a property of the block around, if there is one.
    Item {
        block: Option<&'db Block>,
        first_on_line: bool,
    },
    /// The value of a property.
    Value {
        block: Option<&'db Block>,
        key: String,
        quoted: bool,
    },
    /// Inside `${...}`: a name, or a member of the path before the dot.
    Expression { member_of: Option<String> },
    /// Inside the code of a cell.
    Cell { cell: &'db CellItem },
    /// Text and comments: nothing to offer.
    Nothing,
}

pub(super) fn at(ctx: Ctx<'_>, offset: usize) -> Context<'_> {
    let rope = ctx.document().rope();
    let offset = offset.min(rope.len_bytes());
    let line_start = rope.line_to_byte(rope.byte_to_line(offset));
    let before = ctx.document().slice(line_start..offset).into_owned();
    let line_end = (offset + 200).min(rope.len_bytes());
    let after = ctx.document().slice(offset..line_end).into_owned();
    let typed: String = {
        let from = before
            .rfind(|c: char| !(continues_name(c) && c != '$'))
            .map_or(0, |at| {
                at + before
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
            });
        before.get(from..).unwrap_or_default().to_owned()
    };
    let rest = after
        .chars()
        .take_while(|&c| continues_name(c) && c != '$')
        .map(char::len_utf8)
        .sum::<usize>();
    let replace = offset - typed.len()..offset + rest;
    let placed = ctx
        .layout()
        .chunk_at(offset)
        .or_else(|| before_cursor(ctx, offset));
    let dialect = placed.map_or_else(|| ctx.document().dialect(), |placed| placed.chunk.dialect);
    let place = place(placed, offset, &before, &typed);
    Context {
        place,
        typed,
        replace,
        offset,
        dialect,
    }
}

/// A chunk that ends before the cursor but is not closed yet: a block that is still being typed.
fn before_cursor(ctx: Ctx<'_>, offset: usize) -> Option<&Placed> {
    let chunks = &ctx.layout().chunks;
    let at = chunks
        .partition_point(|placed| placed.start <= offset)
        .checked_sub(1)?;
    let placed = chunks.get(at)?;
    let open = match &placed.chunk.item {
        Item::Block(block) => {
            !placed.chunk.text.trim_end().ends_with('}')
                && block.body.end as usize >= placed.chunk.text.trim_end().len()
        }
        Item::Broken(_) => true,
        _ => false,
    };
    open.then_some(placed)
}

fn place<'db>(placed: Option<&'db Placed>, offset: usize, before: &str, typed: &str) -> Place<'db> {
    let head = before.get(..before.len() - typed.len()).unwrap_or_default();
    if let Some(expression) = open_expression(before) {
        return Place::Expression {
            member_of: member(expression, typed),
        };
    }
    let Some(placed) = placed else {
        return if head.trim().is_empty() {
            Place::Item {
                block: None,
                first_on_line: true,
            }
        } else {
            Place::Nothing
        };
    };
    let at = u32::try_from(offset - placed.start).unwrap_or(u32::MAX);
    let located = locate(&placed.chunk, at);
    if located.comment {
        return Place::Nothing;
    }
    if let Some(cell) = located.cell {
        return if cell.code.touches(at) {
            Place::Cell { cell }
        } else {
            Place::Nothing
        };
    }
    // A block ends at its brace: behind it the cursor is outside.
    let mut blocks = located.blocks;
    while blocks
        .last()
        .is_some_and(|block| at < block.body.start || (at > block.body.end))
    {
        blocks.pop();
    }
    let block = blocks.last().copied();
    if let Some(context) = inside_expression(located.value, &placed.chunk, at, typed) {
        return context;
    }
    if let Some(key) = key_before(head) {
        let quoted = head
            .trim_end_matches(|c: char| !matches!(c, '"' | '\''))
            .ends_with(['"', '\''])
            && odd_quotes(head);
        return Place::Value { block, key, quoted };
    }
    if let (Some(property), Some(value)) = (located.property, located.value) {
        return value_place(block, property, value, at);
    }
    let first_on_line = head.trim().is_empty() || head.trim_end().ends_with(['{', ',', ';']);
    if first_on_line {
        // Inside the braces of a value such as `then: {` blocks may stand as in any body.
        Place::Item {
            block,
            first_on_line: head.trim().is_empty(),
        }
    } else {
        Place::Nothing
    }
}

fn value_place<'db>(
    block: Option<&'db Block>,
    property: &'db Property,
    value: &'db Value,
    at: u32,
) -> Place<'db> {
    match &value.kind {
        ValueKind::Text { inner, .. } if inner.touches(at) => Place::Value {
            block,
            key: property.key.text.to_string(),
            quoted: true,
        },
        ValueKind::Bare(_) | ValueKind::Array(_) => Place::Value {
            block,
            key: property.key.text.to_string(),
            quoted: false,
        },
        ValueKind::Object(_) => Place::Item {
            block: None,
            first_on_line: true,
        },
        _ => Place::Nothing,
    }
}

/// Inside `${...}` of a string that spans lines.
fn inside_expression<'db>(
    value: Option<&Value>,
    chunk: &Chunk,
    at: u32,
    typed: &str,
) -> Option<Place<'db>> {
    let ValueKind::Text { inner, .. } = value?.kind else {
        return None;
    };
    let text = chunk.slice(inner);
    let offset = at.checked_sub(inner.start)? as usize;
    let range = interpolations(text)
        .into_iter()
        .find(|range| range.start <= offset && offset <= range.end)?;
    let before = text.get(range.start..offset)?;
    Some(Place::Expression {
        member_of: member(before, typed),
    })
}

/// The text of an expression that is open at the end of the line so far.
fn open_expression(before: &str) -> Option<&str> {
    let open = before.rfind("${")?;
    let inner = before.get(open + 2..)?;
    let depth = inner.chars().fold(0i32, |depth, c| match c {
        '{' => depth + 1,
        '}' => depth - 1,
        _ => depth,
    });
    (depth >= 0).then_some(inner)
}

/// The path before the dot, if the cursor is behind one.
fn member(expression: &str, typed: &str) -> Option<String> {
    let head = expression.get(..expression.len().checked_sub(typed.len())?)?;
    let path = head.strip_suffix('.').or_else(|| head.strip_suffix("?."))?;
    let start = path
        .rfind(|c: char| !(continues_name(c) || c == '.'))
        .map_or(0, |at| at + 1);
    path.get(start..).map(str::to_owned)
}

/// The key of `key: ` or `key = ` at the end of the line so far, with perhaps a quote behind it.
fn key_before(head: &str) -> Option<String> {
    let value =
        head.trim_end_matches(|c: char| !matches!(c, ':' | '=' | '{' | ',' | '}' | '[' | ']'));
    let sign = value.strip_suffix([':', '='])?;
    let key = sign.trim_end().trim_end_matches('"');
    let start = key
        .rfind(|c: char| !continues_name(c))
        .map_or(0, |at| at + 1);
    let key = key.get(start..)?;
    // A colon inside a string (`"http://…`) follows an odd number of quotes.
    (!key.is_empty()
        && !odd_quotes(sign.trim_end_matches(|c: char| continues_name(c) || c == '"' || c == ' ')))
    .then(|| key.to_owned())
}

fn odd_quotes(text: &str) -> bool {
    text.matches('"').count() % 2 == 1
}
