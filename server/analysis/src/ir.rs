//! The lowered form of a script that every query reads.
//!
//! A file is a row of [`Chunk`]s, one for each top-level item. Everything inside a chunk is positioned relative to the
//! chunk's first byte, and a chunk carries its own text: two equal chunks are the same chunk wherever they stand, so that
//! moving one, or editing another, leaves every answer about it valid.

use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use metascript_syntax::{CellForm, Dialect, Language};
use smol_str::SmolStr;

use crate::finding::Finding;

/// A byte range relative to the start of the chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Span {
    pub(crate) fn new(start: usize, end: usize) -> Span {
        Span {
            start: narrow(start),
            end: narrow(end.max(start)),
        }
    }

    /// Whether the offset lies inside or at either end.
    pub(crate) fn touches(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    pub(crate) fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The same place, relative to something that starts `by` bytes before.
    pub(crate) fn shifted(self, by: u32) -> Span {
        Span {
            start: self.start + by,
            end: self.end + by,
        }
    }

    /// The range in the file of a chunk that starts at `base`.
    pub(crate) fn at(self, base: usize) -> Range<usize> {
        base + self.start as usize..base + self.end as usize
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.at(0)
    }
}

/// Files are limited to 4 GiB; what is longer is cut, never wrapped around.
fn narrow(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Word {
    pub(crate) text: SmolStr,
    pub(crate) span: Span,
}

/// What stands directly before a chunk, where that changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Context {
    /// The item before, comments left out.
    pub(crate) previous: Previous,
    /// A `RETURN` at the top level came before.
    pub(crate) after_return: bool,
}

/// The sibling before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum Previous {
    #[default]
    Other,
    /// `IF`, or an `ELSE` with a condition.
    If,
    /// `TRY`, or a `CATCH` of one.
    Try,
}

/// One top-level item, with its text.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) dialect: Dialect,
    pub(crate) context: Context,
    pub(crate) text: Box<str>,
    pub(crate) item: Item,
    /// What the parser found wrong.
    pub(crate) problems: Vec<Finding>,
    hash: u64,
}

impl Chunk {
    pub(crate) fn new(
        dialect: Dialect,
        context: Context,
        text: Box<str>,
        item: Item,
        problems: Vec<Finding>,
    ) -> Chunk {
        let mut hasher = rustc_hash::FxHasher::default();
        text.hash(&mut hasher);
        context.hash(&mut hasher);
        let hash = hasher.finish();
        Chunk {
            dialect,
            context,
            text,
            item,
            problems,
            hash,
        }
    }

    /// The chunk's text in a span; empty where the span does not fit.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The hash of text and context, known without reading them again.
    pub(crate) fn digest(&self) -> u64 {
        self.hash
    }
}

impl PartialEq for Chunk {
    fn eq(&self, other: &Chunk) -> bool {
        std::ptr::eq(self, other)
            || (self.hash == other.hash
                && self.context == other.context
                && self.dialect == other.dialect
                && self.text == other.text
                && self.item == other.item
                && self.problems == other.problems)
    }
}

impl Eq for Chunk {}

impl Hash for Chunk {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

/// A chunk at its place in the file.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) start: usize,
    pub(crate) chunk: Arc<Chunk>,
}

impl Placed {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.start + self.chunk.text.len()
    }
}

/// A part of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    Block(Block),
    Property(Property),
    Cell(CellItem),
    Edge(Edge),
    /// Text for people, raw bodies, headings.
    Text {
        span: Span,
        heading: Option<Word>,
    },
    Comment(Span),
    /// A line command, call or widget: a word and what follows.
    Command {
        word: Word,
        span: Span,
        values: Vec<Value>,
    },
    /// A value that stands alone: an interpolation, an element of an array.
    Value(Value),
    /// What the parser could not read.
    Broken(Span),
}

impl Item {
    pub(crate) fn span(&self) -> Span {
        match self {
            Item::Block(block) => block.span,
            Item::Property(property) => property.span,
            Item::Cell(cell) => cell.span,
            Item::Edge(edge) => edge.span,
            Item::Value(value) => value.span,
            Item::Text { span, .. }
            | Item::Command { span, .. }
            | Item::Comment(span)
            | Item::Broken(span) => *span,
        }
    }
}

/// `KEYWORD name(arguments) { items }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) keyword: Word,
    /// The second word of `ELSE IF`.
    pub(crate) modifier: Option<Word>,
    pub(crate) name: Option<Word>,
    /// `key=value` pairs and values in the header.
    pub(crate) arguments: Vec<Property>,
    pub(crate) span: Span,
    /// From the keyword to the opening brace.
    pub(crate) header: Span,
    /// Between the braces.
    pub(crate) body: Span,
    pub(crate) items: Vec<Item>,
}

impl Block {
    /// The keyword as the schema writes it.
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.keyword.text.eq_ignore_ascii_case(keyword)
    }

    pub(crate) fn properties(&self) -> impl Iterator<Item = &Property> {
        self.items.iter().filter_map(|item| match item {
            Item::Property(property) => Some(property),
            _ => None,
        })
    }

    /// The first property with this key, the header's pairs included.
    pub(crate) fn property(&self, key: &str) -> Option<&Property> {
        self.properties()
            .chain(&self.arguments)
            .find(|property| property.key.text == key)
    }

    /// The first property with any of these keys.
    pub(crate) fn property_of(&self, keys: &[&str]) -> Option<&Property> {
        self.properties()
            .chain(&self.arguments)
            .find(|property| keys.contains(&property.key.text.as_str()))
    }

    /// Whether the block only says what a block of its kind is for, as the generated outlines of unified scripts do:
    /// `id` and `purpose`, nothing else.
    pub(crate) fn is_outline(&self) -> bool {
        let says = |key: &str| self.properties().any(|property| property.key.text == key);
        says("id")
            && says("purpose")
            && self.items.iter().all(|item| match item {
                Item::Property(property) => matches!(property.key.text.as_str(), "id" | "purpose"),
                Item::Comment(_) => true,
                _ => false,
            })
    }

    /// The text of a property that is plain text.
    pub(crate) fn text_of(&self, keys: &[&str]) -> Option<&Word> {
        self.property_of(keys)
            .and_then(|property| property.value.as_ref())
            .and_then(Value::word)
    }
}

/// `key: value` or `key = value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Property {
    pub(crate) key: Word,
    pub(crate) value: Option<Value>,
    pub(crate) span: Span,
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) span: Span,
    pub(crate) kind: ValueKind,
}

/// What kind of value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueKind {
    /// Quoted text: the span between the quotes. `raw`: triple quotes or backticks. `word`: the text itself, where it is
    /// short and holds no `${...}`: a name, an enumerated value.
    Text {
        inner: Span,
        raw: bool,
        word: Option<Word>,
    },
    /// The number's digits, as written.
    Number(SmolStr),
    Bool(bool),
    Null,
    Array(Vec<Value>),
    /// Braces: properties and blocks.
    Object(Vec<Item>),
    /// `${...}` outside a string: the span of the expression.
    Interpolation(Span),
    /// `$name.path`: the span of the first name.
    Dollar(Word),
    /// A bare word.
    Bare(Word),
    /// Several values in a row: `"a" + "b"`, tuples, calls.
    Many(Vec<Value>),
    /// Anything else.
    Other,
}

impl Value {
    /// The text of plain quoted or bare text, if it is short enough to be a name or an enumerated value.
    pub(crate) fn word(&self) -> Option<&Word> {
        match &self.kind {
            ValueKind::Bare(word) => Some(word),
            ValueKind::Text { word, .. } => word.as_ref(),
            _ => None,
        }
    }

    /// What people would call this kind of value.
    pub(crate) fn kind_name(&self) -> &'static str {
        match &self.kind {
            ValueKind::Text { .. } | ValueKind::Bare(_) => "text",
            ValueKind::Number(_) => "a number",
            ValueKind::Bool(_) => "true or false",
            ValueKind::Null => "null",
            ValueKind::Array(_) => "a list",
            ValueKind::Object(_) => "an object",
            ValueKind::Interpolation(_) | ValueKind::Dollar(_) => "an expression",
            ValueKind::Many(_) | ValueKind::Other => "an expression",
        }
    }
}

/// A cell of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CellItem {
    pub(crate) keyword: Option<Word>,
    pub(crate) language: Language,
    pub(crate) form: CellForm,
    pub(crate) span: Span,
    pub(crate) code: Span,
    pub(crate) output: Option<Word>,
    pub(crate) name: Option<Word>,
}

/// `edge a -> b`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: Word,
    pub(crate) to: Word,
    pub(crate) span: Span,
}
