//! One version of a text with its tree.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use ropey::Rope;
use tree_sitter::{InputEdit, Node, Parser, Point, Tree};

use crate::ast;
use crate::cell::{self, Cell};
use crate::dialect::{self, Dialect};
use crate::error::{self, SyntaxError, SyntaxHint};
use crate::kept;

/// A replacement of a range of bytes. The range is clamped to the text and to whole characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// What is replaced.
    pub range: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
}

/// An immutable version of a text, with its syntax tree. Cloning is cheap.
///
/// Two documents are equal when they are the same version; the same text parsed twice is two versions.
#[derive(Clone)]
pub struct Document {
    inner: Arc<Inner>,
}

struct Inner {
    rope: Rope,
    tree: Tree,
    /// Whether a `\r` stands without a `\n`: tree-sitter then counts lines in another way than editors do.
    lone_return: bool,
    dialect: OnceLock<Dialect>,
    version: u64,
    /// What is the same as in the versions before, the last one last.
    ancestors: Vec<Kept>,
}

/// What a version has in common with an older one, in text and in tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kept {
    version: u64,
    head: usize,
    tail: usize,
}

/// So many older versions are remembered.
const ANCESTORS: usize = 16;

impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl Eq for Document {}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document")
            .field("bytes", &self.inner.rope.len_bytes())
            .field("dialect", &self.dialect())
            .finish()
    }
}

impl Document {
    /// Parses a text. It never fails: what is wrong is told by [`Document::syntax_errors`].
    pub fn parse(text: &str) -> Document {
        Self::from_rope(Rope::from_str(text))
    }

    /// Parses a rope.
    pub fn from_rope(rope: Rope) -> Document {
        let (tree, _) = parse(&rope, None);
        let lone_return = has_lone_return(rope.chunks());
        Self::new(rope, tree, lone_return, Vec::new())
    }

    fn new(rope: Rope, tree: Tree, lone_return: bool, ancestors: Vec<Kept>) -> Document {
        static VERSIONS: AtomicU64 = AtomicU64::new(0);
        Document {
            inner: Arc::new(Inner {
                rope,
                tree,
                lone_return,
                dialect: OnceLock::new(),
                version: VERSIONS.fetch_add(1, Ordering::Relaxed),
                ancestors,
            }),
        }
    }

    /// The text with the edits applied one after the other: each range means the text that the edits before
    /// it have left. Only what the edits touch is parsed again.
    pub fn edited(&self, edits: &[TextEdit]) -> Document {
        if edits.is_empty() {
            return self.clone();
        }
        let mut rope = self.inner.rope.clone();
        let mut tree = self.inner.tree.clone();
        let mut lone_return = self.inner.lone_return;
        let mut kept = Kept {
            version: self.inner.version,
            head: usize::MAX,
            tail: usize::MAX,
        };
        for edit in edits {
            let input = apply(&mut rope, edit);
            kept.head = kept.head.min(input.start_byte);
            kept.tail = kept.tail.min(rope.len_bytes() - input.new_end_byte);
            lone_return |=
                has_lone_return([edit.text.as_str()]) || splits_line_break(&rope, &input);
            tree.edit(&input);
        }
        if lone_return {
            return Self::from_rope(rope);
        }
        let (new_tree, read) = parse(&rope, Some(&tree));
        let (head, tail) = kept::common(
            (&self.inner.tree, self.inner.rope.len_bytes()),
            (&new_tree, rope.len_bytes()),
            &read,
        );
        kept.head = kept.head.min(head);
        kept.tail = kept.tail.min(tail);
        let older = self.inner.ancestors.iter().map(|older| Kept {
            version: older.version,
            head: older.head.min(kept.head),
            tail: older.tail.min(kept.tail),
        });
        let too_many = (self.inner.ancestors.len() + 1).saturating_sub(ANCESTORS);
        let ancestors = older.chain([kept]).skip(too_many).collect();
        Self::new(rope, new_tree, false, ancestors)
    }

    /// How many bytes at the start and at the end this document has in common with an older version of it: there, both
    /// the text and the tree are the same. `None` when nothing is known.
    pub fn kept_of(&self, older: &Document) -> Option<(usize, usize)> {
        let mut ancestors = self.inner.ancestors.iter();
        ancestors
            .find(|kept| kept.version == older.inner.version)
            .map(|kept| (kept.head, kept.tail))
    }

    /// The text.
    pub fn rope(&self) -> &Rope {
        &self.inner.rope
    }

    /// The tree.
    pub fn tree(&self) -> &Tree {
        &self.inner.tree
    }

    /// The dialect, told by the content.
    pub fn dialect(&self) -> Dialect {
        *self.inner.dialect.get_or_init(|| dialect::of(self))
    }

    /// A part of the text. The range is clamped to the text and to whole characters.
    pub fn slice(&self, range: Range<usize>) -> Cow<'_, str> {
        let range = clamp(&self.inner.rope, &range);
        match self.inner.rope.get_byte_slice(range) {
            Some(slice) => slice.into(),
            None => Cow::Borrowed(""),
        }
    }

    /// The typed view of the tree.
    pub fn root(&self) -> ast::File<'_> {
        ast::File::new(self)
    }

    /// The code cells, in the order of the text.
    pub fn cells(&self) -> Vec<Cell> {
        cell::cells(self)
    }

    /// What is wrong with the text, in its order.
    pub fn syntax_errors(&self) -> Vec<SyntaxError> {
        error::errors(self, self.tree().root_node())
    }

    /// The syntax errors in one node of this document's tree, the node itself included.
    pub fn syntax_errors_in(&self, node: Node<'_>) -> Vec<SyntaxError> {
        error::errors(self, node)
    }

    /// What is not wrong, but worth a warning or a hint: a fence that is never closed, text behind a value.
    pub fn syntax_hints(&self) -> Vec<SyntaxHint> {
        error::hints(self, self.tree().root_node())
    }

    /// The hints in one node of this document's tree, the node itself included.
    pub fn syntax_hints_in(&self, node: Node<'_>) -> Vec<SyntaxHint> {
        error::hints(self, node)
    }
}

/// The tree, and the part of the text that was read for it: every token that begins elsewhere was used again.
fn parse(rope: &Rope, old: Option<&Tree>) -> (Tree, Range<usize>) {
    thread_local! {
        static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
    }
    PARSER.with(|slot| {
        let mut parser = slot.take().unwrap_or_else(new_parser);
        let (mut first, mut last) = (usize::MAX, 0);
        let mut chunk = |byte, _| {
            let chunk = chunk_from(rope, byte);
            (first, last) = (first.min(byte), last.max(byte + chunk.len()));
            chunk
        };
        let tree = parser.parse_with_options(&mut chunk, old, None);
        slot.replace(Some(parser));
        match tree {
            Some(tree) => (tree, first..last),
            // Without a language or with a time limit only, of which there are none here.
            None => unreachable!("a parser with a language and without a limit gives a tree"),
        }
    })
}

fn new_parser() -> Parser {
    let mut parser = Parser::new();
    if let Err(error) = parser.set_language(&metascript_grammar::LANGUAGE.into()) {
        unreachable!("the committed parser has a version that tree-sitter reads: {error}");
    }
    parser
}

fn chunk_from(rope: &Rope, byte: usize) -> &[u8] {
    if byte >= rope.len_bytes() {
        return &[];
    }
    let (chunk, start, _, _) = rope.chunk_at_byte(byte);
    chunk.as_bytes().get(byte - start..).unwrap_or_default()
}

/// A range inside the rope, on the borders of characters.
fn clamp(rope: &Rope, range: &Range<usize>) -> Range<usize> {
    let border = |byte: usize| rope.char_to_byte(rope.byte_to_char(byte.min(rope.len_bytes())));
    let start = border(range.start);
    start..border(range.end).max(start)
}

fn apply(rope: &mut Rope, edit: &TextEdit) -> InputEdit {
    let Range { start, end } = clamp(rope, &edit.range);
    let start_position = point(rope, start);
    let old_end_position = point(rope, end);
    let char = rope.byte_to_char(start);
    rope.remove(char..rope.byte_to_char(end));
    rope.insert(char, &edit.text);
    let new_end = start + edit.text.len();
    InputEdit {
        start_byte: start,
        old_end_byte: end,
        new_end_byte: new_end,
        start_position,
        old_end_position,
        new_end_position: point(rope, new_end),
    }
}

fn point(rope: &Rope, byte: usize) -> Point {
    let row = rope.byte_to_line(byte);
    Point::new(row, byte - rope.line_to_byte(row))
}

/// Whether an edit has torn a `\r\n` apart or made a `\r` stand alone at one of its ends.
fn splits_line_break(rope: &Rope, edit: &InputEdit) -> bool {
    [edit.start_byte, edit.new_end_byte].into_iter().any(|at| {
        at > 0 && rope.get_byte(at - 1) == Some(b'\r') && rope.get_byte(at) != Some(b'\n')
    })
}

fn has_lone_return<'a>(chunks: impl IntoIterator<Item = &'a str>) -> bool {
    let mut after_return = false;
    for chunk in chunks {
        if after_return && !chunk.starts_with('\n') {
            return true;
        }
        let bytes = chunk.as_bytes();
        after_return = bytes.last() == Some(&b'\r');
        if bytes
            .windows(2)
            .any(|pair| matches!(pair, [b'\r', next] if *next != b'\n'))
        {
            return true;
        }
    }
    after_return
}
