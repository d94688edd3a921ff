//! From the syntax tree to chunks.
//!
//! The parser shares unchanged subtrees between versions. A top-level node at the same address in the tree before is the
//! same node, so its chunk is taken over without being read; a miss only costs time, because chunks are compared by
//! content anyway.

mod item;
mod value;

use std::ops::Range;
use std::sync::Arc;

use metascript_syntax::{Document, ErrorKind, HintKind};
use rustc_hash::FxHashMap;
use tree_sitter::Node;

use crate::diagnostic::known;
use crate::finding::Finding;
use crate::ir::{Chunk, Context, Item, Placed, Span};
use crate::layout::Layout;
use crate::validate::previous_of;

/// Items nested deeper are not lowered: no person writes them, and every walker below may then recurse safely.
const DEEPEST: usize = 128;

/// The chunks of a document, in order.
pub(crate) fn chunks(document: &Document, previous: Option<&Layout>) -> Vec<Placed> {
    let root = document.tree().root_node();
    let mut cursor = root.walk();
    let nodes: Vec<Node<'_>> = root.named_children(&mut cursor).collect();
    let old = previous
        .map(|layout| layout.chunks.as_slice())
        .unwrap_or_default();
    let reuse = Reuse::new(&nodes, old);
    let mut chunks: Vec<Placed> = Vec::with_capacity(nodes.len());
    let mut context = Context::default();
    let dialect = document.dialect();
    for (index, node) in nodes.iter().enumerate() {
        let chunk = match reuse.chunk(index, node) {
            Some(chunk) if chunk.context == context && chunk.dialect == dialect => {
                Arc::clone(chunk)
            }
            _ => Arc::new(lower(document, *node, context)),
        };
        if let Some(previous) = previous_of(&chunk.item, context.previous) {
            context.previous = previous;
        }
        context.after_return |=
            matches!(&chunk.item, Item::Block(block) if block.keyword.text == "RETURN");
        chunks.push(Placed {
            start: node.start_byte(),
            chunk,
            node: node.id(),
        });
    }
    chunks
}

/// Finds the chunk that a node had in the version before.
struct Reuse<'a> {
    old: &'a [Placed],
    /// So many chunks at the start are the same...
    front: usize,
    /// ...and these at the end: new index minus old index.
    back: usize,
    new_length: usize,
    /// The chunks between, by the address of their node.
    middle: FxHashMap<usize, &'a Placed>,
}

impl<'a> Reuse<'a> {
    fn new(nodes: &[Node<'_>], old: &'a [Placed]) -> Reuse<'a> {
        let same = |(node, placed): &(&Node<'_>, &Placed)| is_same(node, placed);
        let front = nodes.iter().zip(old).take_while(same).count();
        let back = nodes
            .iter()
            .skip(front)
            .rev()
            .zip(old.iter().skip(front).rev())
            .take_while(same)
            .count();
        let middle = old
            .get(front..old.len() - back)
            .unwrap_or_default()
            .iter()
            .map(|placed| (placed.node, placed))
            .collect();
        Reuse {
            old,
            front,
            back,
            new_length: nodes.len(),
            middle,
        }
    }

    fn chunk(&self, index: usize, node: &Node<'_>) -> Option<&'a Arc<Chunk>> {
        let placed = if index < self.front {
            self.old.get(index)
        } else if index + self.back >= self.new_length {
            self.old.get(self.old.len() - (self.new_length - index))
        } else {
            self.middle
                .get(&node.id())
                .copied()
                .filter(|placed| is_same(node, placed))
        };
        placed.map(|placed| &placed.chunk)
    }
}

fn is_same(node: &Node<'_>, placed: &Placed) -> bool {
    node.id() == placed.node && node.end_byte() - node.start_byte() == placed.chunk.text.len()
}

fn lower(document: &Document, node: Node<'_>, context: Context) -> Chunk {
    let text: Box<str> = document.slice(node.byte_range()).into();
    let lowering = Lowering {
        text: &text,
        base: node.start_byte(),
    };
    let item = lowering.item(node, 0);
    Chunk::new(
        document.dialect(),
        context,
        text,
        item,
        problems(document, node),
    )
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
