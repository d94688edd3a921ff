//! The typed view of the tree.
//!
//! Views are cheap: a node and its document. All of them give their [`Syntax`], which has the range and the text.

mod block;
mod expression;
mod value;
mod walk;

use std::borrow::Cow;
use std::ops::Range;

use tree_sitter::Node;

use crate::Document;

pub use block::{Argument, Block, CodeBlock, Command, Edge, Fence, Heading, ProseBlock};
pub use expression::Expression;
pub use value::{
    Array, Interpolation, InterpolationBody, Object, Property, StringPart, StringValue, Value,
};
pub use walk::Walk;

/// A node of the tree in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax<'d> {
    document: &'d Document,
    node: Node<'d>,
}

impl<'d> Syntax<'d> {
    /// A node of the document's tree.
    pub fn new(document: &'d Document, node: Node<'d>) -> Self {
        Self { document, node }
    }

    /// The document.
    pub fn document(self) -> &'d Document {
        self.document
    }

    /// The node of the tree.
    pub fn node(self) -> Node<'d> {
        self.node
    }

    /// The kind of the node, as grammar.js calls it.
    pub fn kind(self) -> &'d str {
        self.node.kind()
    }

    /// The range in bytes.
    pub fn range(self) -> Range<usize> {
        self.node.byte_range()
    }

    /// The text.
    pub fn text(self) -> Cow<'d, str> {
        self.document.slice(self.range())
    }

    /// The child in a field.
    pub fn field(self, name: &str) -> Option<Syntax<'d>> {
        self.node
            .child_by_field_name(name)
            .map(|node| self.of(node))
    }

    /// The children with names, without comments.
    pub fn children(self) -> Vec<Syntax<'d>> {
        let mut cursor = self.node.walk();
        self.node
            .named_children(&mut cursor)
            .filter(|child| !child.is_extra())
            .map(|node| self.of(node))
            .collect()
    }

    fn of(self, node: Node<'d>) -> Syntax<'d> {
        Syntax {
            document: self.document,
            node,
        }
    }
}

/// A whole document.
#[derive(Debug, Clone, Copy)]
pub struct File<'d> {
    syntax: Syntax<'d>,
}

impl<'d> File<'d> {
    pub(crate) fn new(document: &'d Document) -> Self {
        Self {
            syntax: Syntax::new(document, document.tree().root_node()),
        }
    }

    /// The node.
    pub fn syntax(&self) -> Syntax<'d> {
        self.syntax
    }

    /// The items at the top of the file, in their order. Comments are left out.
    pub fn items(&self) -> Vec<Item<'d>> {
        items(self.syntax)
    }

    /// Every comment of the file, in their order.
    pub fn comments(&self) -> Vec<Syntax<'d>> {
        Walk::new(self.syntax, |_| true)
            .filter(|node| matches!(node.kind(), "comment" | "unclosed_comment"))
            .collect()
    }
}

/// What stands in a file, a block or an object.
#[derive(Debug, Clone, Copy)]
pub enum Item<'d> {
    /// `key: value` or `key = value`.
    Property(Property<'d>),
    /// `KEYWORD name { ... }`.
    Block(Block<'d>),
    /// A block of code.
    Cell(CodeBlock<'d>),
    /// A fence of Markdown, in a literate document or anywhere else.
    Fence(Fence<'d>),
    /// A block of text: `REASONING { ... }`.
    Prose(ProseBlock<'d>),
    /// `edge a -> b`.
    Edge(Edge<'d>),
    /// A command on a line: `SPAWN QRE 1`, `use_grammar("x")`.
    Command(Command<'d>),
    /// `...name`.
    Spread(Syntax<'d>),
    /// `#FLUX:VERSION:2.0.0`.
    Directive(Syntax<'d>),
    /// `#!/usr/bin/env trsx`.
    Shebang(Syntax<'d>),
    /// YAML between `---` lines at the top of the file.
    FrontMatter(Syntax<'d>),
    /// A heading of a literate document.
    Heading(Heading<'d>),
    /// A paragraph of a literate document.
    Paragraph(Syntax<'d>),
    /// A line of text.
    Text(Syntax<'d>),
    /// A value without a key.
    Value(Value<'d>),
    /// The whole text of a foreign document.
    Foreign(Syntax<'d>),
    /// A closing bracket that closes nothing, or that closes wrongly.
    Error(Syntax<'d>),
}

impl<'d> Item<'d> {
    /// The item that a node is, if it is one.
    pub fn cast(syntax: Syntax<'d>) -> Option<Self> {
        Some(match syntax.kind() {
            "property" => Item::Property(Property::cast(syntax)?),
            "block" => Item::Block(Block::cast(syntax)?),
            "code_block" => Item::Cell(CodeBlock::cast(syntax)?),
            "fenced_cell" => Item::Fence(Fence::cast(syntax)?),
            "prose_block" => Item::Prose(ProseBlock::cast(syntax)?),
            "edge" => Item::Edge(Edge::cast(syntax)?),
            "command" => Item::Command(Command::cast(syntax)?),
            "spread" => Item::Spread(syntax),
            "directive" => Item::Directive(syntax),
            "shebang" => Item::Shebang(syntax),
            "front_matter" => Item::FrontMatter(syntax),
            "heading" => Item::Heading(Heading::cast(syntax)?),
            "paragraph" => Item::Paragraph(syntax),
            "text" => Item::Text(syntax),
            "foreign_document" => Item::Foreign(syntax),
            "stray_close" | "wrong_close" | "missing_close" => Item::Error(syntax),
            _ => Item::Value(Value::cast(syntax)?),
        })
    }

    /// The node.
    pub fn syntax(&self) -> Syntax<'d> {
        match self {
            Item::Property(view) => view.syntax(),
            Item::Block(view) => view.syntax(),
            Item::Cell(view) => view.syntax(),
            Item::Fence(view) => view.syntax(),
            Item::Prose(view) => view.syntax(),
            Item::Edge(view) => view.syntax(),
            Item::Command(view) => view.syntax(),
            Item::Heading(view) => view.syntax(),
            Item::Value(view) => view.syntax(),
            Item::Spread(syntax)
            | Item::Directive(syntax)
            | Item::Shebang(syntax)
            | Item::FrontMatter(syntax)
            | Item::Paragraph(syntax)
            | Item::Text(syntax)
            | Item::Foreign(syntax)
            | Item::Error(syntax) => *syntax,
        }
    }

    /// The range in bytes.
    pub fn range(&self) -> Range<usize> {
        self.syntax().range()
    }
}

/// The items among the children of a node, without what belongs to a block's head.
fn items(syntax: Syntax<'_>) -> Vec<Item<'_>> {
    syntax
        .children()
        .into_iter()
        .filter_map(Item::cast)
        .collect()
}
