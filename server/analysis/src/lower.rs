//! From the syntax tree to chunks.
//!
//! A document knows what it has in common with the versions before it. Top-level items in those parts keep their chunks
//! without being looked at; what is left is lowered anew.

mod item;
mod value;

use std::ops::Range;
use std::sync::Arc;

use metascript_syntax::{Document, ErrorKind, HintKind};
use tree_sitter::Node;

use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::{Chunk, Context, Item, Placed, Span};
use crate::layout::Layout;
use crate::validate::previous_of;

/// Items nested deeper are not lowered: no person writes them, and every walker below may then recurse safely.
const DEEPEST: usize = 128;

/// The chunks of a document, in order, and how many bytes of them are new; `previous` is an older version of it.
pub(crate) fn chunks(
    document: &Document,
    previous: Option<(&Layout, &Document)>,
) -> (Vec<Placed>, usize) {
    let mut new = 0;
    let kept = previous.and_then(|(layout, older)| Kept::of(document, layout, older));
    let mut chunks: Vec<Placed> = Vec::new();
    let mut context = Context::default();
    if let Some(kept) = &kept {
        chunks.reserve(kept.front.len() + kept.back.len() + 8);
        chunks.extend_from_slice(kept.front);
        if let Some(last) = kept.front.last() {
            context = after(last.chunk.context, &last.chunk.item);
        }
    }
    let (from, to) = kept
        .as_ref()
        .map_or((0, usize::MAX), |kept| (kept.from, kept.to));
    for node in nodes_between(document, from, to) {
        let chunk = Arc::new(lower(document, node, context));
        context = after(context, &chunk.item);
        new += chunk.text.len();
        chunks.push(Placed {
            start: node.start_byte(),
            chunk,
        });
    }
    let mut back = kept.iter().flat_map(Kept::moved_back);
    for placed in back.by_ref() {
        // What came before may give an item another meaning: an `ELSE` whose `IF` is gone. An item that means what it did
        // is the last to be asked: those behind it do too.
        let settled = placed.chunk.context == context;
        let placed = if settled {
            placed
        } else {
            let node = nodes_between(document, placed.start, usize::MAX).next();
            match node.filter(|node| node.start_byte() == placed.start) {
                Some(node) => Placed {
                    start: placed.start,
                    chunk: Arc::new(lower(document, node, context)),
                },
                None => placed,
            }
        };
        context = after(context, &placed.chunk.item);
        chunks.push(placed);
        if settled {
            break;
        }
    }
    chunks.extend(back);
    (chunks, new)
}

/// The chunks of a document one by one, each with its start, without what is wrong with it: for a look at the names.
pub(crate) fn each(document: &Document, mut look: impl FnMut(usize, &Chunk)) {
    let mut context = Context::default();
    for node in nodes_between(document, 0, usize::MAX) {
        let chunk = lower_with(document, node, context, Vec::new());
        context = after(context, &chunk.item);
        look(node.start_byte(), &chunk);
    }
}

/// What the item after this one stands behind.
fn after(context: Context, item: &Item) -> Context {
    let returns = matches!(item, Item::Block(block) if block.keyword.text == "RETURN");
    Context {
        previous: previous_of(item, context.previous).unwrap_or(context.previous),
        after_return: context.after_return || returns,
    }
}

/// The chunks of an older version that a document has in common with it.
struct Kept<'a> {
    front: &'a [Placed],
    back: &'a [Placed],
    /// The part between, in the new text.
    from: usize,
    to: usize,
    old_length: usize,
    new_length: usize,
}

impl<'a> Kept<'a> {
    fn of(document: &Document, layout: &'a Layout, older: &Document) -> Option<Kept<'a>> {
        let (head, tail) = document.kept_of(older)?;
        if document.dialect() != older.dialect() {
            return None;
        }
        let (old_length, new_length) = (older.rope().len_bytes(), document.rope().len_bytes());
        let old = layout.chunks.as_slice();
        // One more on each side, because what an item is may hang on what it touches.
        let front = old
            .partition_point(|placed| placed.range().end < head)
            .saturating_sub(1);
        let tail_at = old_length.saturating_sub(tail);
        let back = (old.partition_point(|placed| placed.start <= tail_at) + 1)
            .max(front)
            .min(old.len());
        let (front, back) = (old.get(..front)?, old.get(back..)?);
        Some(Kept {
            from: front.last().map_or(0, |last| last.range().end),
            to: back
                .first()
                .map_or(usize::MAX, |first| first.start + new_length - old_length),
            front,
            back,
            old_length,
            new_length,
        })
    }

    fn moved_back(&self) -> impl Iterator<Item = Placed> {
        self.back.iter().map(|placed| Placed {
            start: placed.start + self.new_length - self.old_length,
            chunk: Arc::clone(&placed.chunk),
        })
    }
}

/// The top-level nodes that start in a part of the text.
fn nodes_between(document: &Document, from: usize, to: usize) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = document.tree().root_node().walk();
    let mut more = if from == 0 {
        cursor.goto_first_child()
    } else {
        cursor.goto_first_child_for_byte(from).is_some()
    };
    std::iter::from_fn(move || {
        while more {
            let node = cursor.node();
            more = node.start_byte() < to && cursor.goto_next_sibling();
            if node.is_named() && (from..to).contains(&node.start_byte()) {
                return Some(node);
            }
        }
        None
    })
}

fn lower(document: &Document, node: Node<'_>, context: Context) -> Chunk {
    lower_with(document, node, context, problems(document, node))
}

fn lower_with(
    document: &Document,
    node: Node<'_>,
    context: Context,
    problems: Vec<Finding>,
) -> Chunk {
    let text: Box<str> = document.slice(node.byte_range()).into();
    let lowering = Lowering {
        text: &text,
        base: node.start_byte(),
    };
    let item = lowering.item(node, 0);
    Chunk::new(document.dialect(), context, text, item, problems)
}

/// What the parser found wrong in a node.
fn problems(document: &Document, node: Node<'_>) -> Vec<Finding> {
    let base = node.start_byte();
    let span = |range: Range<usize>| {
        Span::new(
            range.start.saturating_sub(base),
            range.end.saturating_sub(base),
        )
    };
    let errors = document.syntax_errors_in(node).into_iter().map(|error| {
        let broken = error.kind == ErrorKind::InvalidExpression;
        Finding::new(
            if broken {
                known::BROKEN_EXPRESSION
            } else {
                known::SYNTAX
            },
            span(error.range),
            error.message,
        )
    });
    let hints = document.syntax_hints_in(node).into_iter().map(|hint| {
        let code = match hint.kind {
            HintKind::UnclosedFence => known::UNCLOSED_FENCE,
            HintKind::TrailingText => known::TRAILING_TEXT,
            HintKind::ForeignDocument => known::NOT_A_METASCRIPT,
        };
        Finding::new(code, span(hint.range), hint.message)
    });
    errors.chain(hints).collect()
}

/// The lowering of one chunk.
struct Lowering<'a> {
    text: &'a str,
    base: usize,
}
