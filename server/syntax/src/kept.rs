//! What two versions of a tree have in common at their ends.
//!
//! tree-sitter's own `changed_ranges` visits every item of both trees with its position and state, which costs more
//! than the incremental parse itself. An item that the parser used again is the same object in both trees, and that
//! is quick to see.

use tree_sitter::{Node, Tree, TreeCursor};

/// Bytes at the start and at the end of two versions of a text in which their trees are the same: there, each child of
/// the root was used again by the parser. `new` was parsed with `old`, edited, as its model; the lengths are those of
/// the texts.
pub(crate) fn common(
    (old, old_length): (&Tree, usize),
    (new, new_length): (&Tree, usize),
) -> (usize, usize) {
    let (mut left, mut right) = (old.walk(), new.walk());
    let mut head = old_length.min(new_length);
    let mut more = left.goto_first_child() && right.goto_first_child();
    while more {
        let (from, to) = (left.node().start_byte(), right.node().start_byte());
        if from != to || !same(&mut left, &mut right) {
            head = from.min(to);
            break;
        }
        more = match (left.goto_next_sibling(), right.goto_next_sibling()) {
            (true, true) => true,
            (false, false) => false,
            _ => {
                head = left.node().end_byte().min(right.node().end_byte());
                false
            }
        };
    }
    left.reset(old.root_node());
    right.reset(new.root_node());
    let mut tail = 0;
    let mut more = left.goto_last_child() && right.goto_last_child();
    while more {
        let (one, other) = (left.node(), right.node());
        let (from, to) = (
            old_length.saturating_sub(one.start_byte()),
            new_length.saturating_sub(other.start_byte()),
        );
        if from != to || one.start_byte() < head || !same(&mut left, &mut right) {
            break;
        }
        tail = from;
        more = left.goto_previous_sibling() && right.goto_previous_sibling();
    }
    (head, tail)
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
