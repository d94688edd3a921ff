//! What two versions of a tree have in common at their ends.
//!
//! tree-sitter's own `changed_ranges` visits every item of both trees with its position and state, which costs more
//! than the incremental parse itself. An item that the parser used again is the same object in both trees, and that
//! is quick to see.

use std::ops::Range;

use tree_sitter::{Node, Tree, TreeCursor};

/// Bytes at the start and at the end of two versions of a text in which their trees are the same: there, each child of
/// the root was used again by the parser. `new` was parsed with `old`, edited, as its model, and `read` is the part of
/// the new text that the parser looked at; the lengths are those of the texts.
///
/// Only children near that part are visited. What ends before it consists of old tokens in their old order. Behind it,
/// all tokens are old as well: once a child of the root is the same in both, so is all that follows.
pub(crate) fn common(
    (old, old_length): (&Tree, usize),
    (new, new_length): (&Tree, usize),
    read: &Range<usize>,
) -> (usize, usize) {
    let (mut left, mut right) = (old.walk(), new.walk());
    let head = head(&mut left, &mut right, read.start).min(old_length.min(new_length));
    left.reset(old.root_node());
    right.reset(new.root_node());
    let tail = tail(
        (&mut left, old_length),
        (&mut right, new_length),
        read.end,
        head,
    );
    (head, tail)
}

/// Where the first child of the root that differs begins.
fn head(left: &mut TreeCursor<'_>, right: &mut TreeCursor<'_>, from: usize) -> usize {
    // The child before is at the border, and the first to be looked at.
    let from = from.saturating_sub(1);
    let found = (
        left.goto_first_child_for_byte(from).is_some(),
        right.goto_first_child_for_byte(from).is_some(),
    );
    if found != (true, true) {
        return from;
    }
    loop {
        let (one, other) = (left.node(), right.node());
        if one.start_byte() != other.start_byte() || !same(left, right) {
            return one.start_byte().min(other.start_byte());
        }
        match (left.goto_next_sibling(), right.goto_next_sibling()) {
            (true, true) => {}
            (false, false) => return usize::MAX,
            _ => return one.end_byte(),
        }
    }
}

/// How far from the end of the text the last child of the root that differs ends, or the next one begins.
fn tail(
    (left, old_length): (&mut TreeCursor<'_>, usize),
    (right, new_length): (&mut TreeCursor<'_>, usize),
    to: usize,
    head: usize,
) -> usize {
    let from_end = |left: &TreeCursor<'_>, right: &TreeCursor<'_>| {
        (
            old_length.saturating_sub(left.node().start_byte()),
            new_length.saturating_sub(right.node().start_byte()),
        )
    };
    let moved = |byte: usize| (byte + old_length).checked_sub(new_length);
    if right.goto_first_child_for_byte(to).is_none() {
        // The parser has read up to the last child.
        if !(left.goto_last_child() && right.goto_last_child()) {
            return 0;
        }
    } else {
        let Some(there) = moved(right.node().start_byte()) else {
            return 0;
        };
        if left.goto_first_child_for_byte(there).is_none() {
            return 0;
        }
    }
    let mut tail = 0;
    loop {
        let (one, other) = from_end(left, right);
        if one != other || left.node().start_byte() < head || !same(left, right) {
            return tail;
        }
        tail = one;
        if !(left.goto_previous_sibling() && right.goto_previous_sibling()) {
            return tail;
        }
    }
}

/// Whether the two cursors stand on a node that the parser used again.
fn same(left: &mut TreeCursor<'_>, right: &mut TreeCursor<'_>) -> bool {
    let (one, other) = (left.node(), right.node());
    // Nodes are stored with their parent: what has its place in memory was used again with all that is around it.
    if one.id() == other.id() {
        return true;
    }
    let length = |node: Node<'_>| node.end_byte() - node.start_byte();
    if one.kind_id() != other.kind_id() || length(one) != length(other) {
        return false;
    }
    match (first_child(left), first_child(right)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => true,
        _ => false,
    }
}

/// The identity of the first child of the cursor's node; the cursor comes back to the node.
fn first_child(cursor: &mut TreeCursor<'_>) -> Option<usize> {
    cursor.goto_first_child().then(|| {
        let id = cursor.node().id();
        cursor.goto_parent();
        id
    })
}
