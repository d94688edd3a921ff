use tree_sitter::TreeCursor;

use super::Syntax;

/// The nodes below and including one, each before its children. It does not recurse, so that deep nesting
/// costs no stack, and it enters only the kinds that it is told to.
pub struct Walk<'d, F> {
    start: Syntax<'d>,
    cursor: Option<TreeCursor<'d>>,
    enter: F,
}

impl<'d, F: Fn(&str) -> bool> Walk<'d, F> {
    /// Starts at a node; `enter` tells by a node's kind whether its children are visited.
    pub fn new(start: Syntax<'d>, enter: F) -> Self {
        Self {
            start,
            cursor: Some(start.node().walk()),
            enter,
        }
    }
}

impl<'d, F: Fn(&str) -> bool> Iterator for Walk<'d, F> {
    type Item = Syntax<'d>;

    fn next(&mut self) -> Option<Syntax<'d>> {
        let cursor = self.cursor.as_mut()?;
        let node = cursor.node();
        if !((self.enter)(node.kind()) && cursor.goto_first_child()) {
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    self.cursor = None;
                    break;
                }
            }
        }
        Some(Syntax::new(self.start.document(), node))
    }
}
