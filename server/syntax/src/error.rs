//! What is wrong with a text, in words.

use std::ops::Range;

use tree_sitter::Node;

use crate::Document;
use crate::ast::{Syntax, Walk};

/// A syntax error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The place to mark, in bytes. It is never empty unless the text is.
    pub range: Range<usize>,
    /// One sentence for people.
    pub message: String,
    /// What kind of error it is.
    pub kind: ErrorKind,
}

/// The kinds of syntax errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A string whose closing quote is missing.
    UnclosedString,
    /// A comment whose end is missing.
    UnclosedComment,
    /// A block or an object whose `}` is missing.
    UnclosedBlock,
    /// A cell whose `}` is missing.
    UnclosedCell,
    /// An array whose `]` is missing.
    UnclosedArray,
    /// A `(` whose `)` is missing.
    UnclosedParenthesis,
    /// A `]` where a `}` closes.
    WrongClose,
    /// A closing bracket that closes nothing.
    StrayClose,
    /// A value that is missing after an operator.
    MissingValue,
    /// An expression in `${...}` that cannot be read.
    InvalidExpression,
    /// Anything else.
    Unexpected,
}

/// Something that is not wrong, but probably not meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxHint {
    /// The place to mark, in bytes.
    pub range: Range<usize>,
    /// One sentence for people.
    pub message: String,
    /// What kind of hint it is.
    pub kind: HintKind,
}

/// The kinds of hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HintKind {
    /// A fence that is never closed: its text reaches to the end of the file.
    UnclosedFence,
    /// Text behind a value, on its line.
    TrailingText,
    /// The whole file is of another kind.
    ForeignDocument,
}

/// More errors than this are not told: they are all of one kind, and nobody reads them.
const MAX_ERRORS: usize = 1000;

pub(crate) fn errors(document: &Document, below: Node<'_>) -> Vec<SyntaxError> {
    let mut errors = Vec::new();
    let mut parents: Vec<Node<'_>> = Vec::new();
    let mut cursor = below.walk();
    loop {
        let node = cursor.node();
        if let Some(error) = error_at(document, node, parents.last().copied()) {
            errors.push(error);
        }
        if may_hold_errors(node.kind()) && cursor.goto_first_child() {
            parents.push(node);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                errors.sort_by_key(|error| (error.range.start, error.range.end));
                errors.dedup();
                errors.truncate(MAX_ERRORS);
                return errors;
            }
            parents.pop();
        }
    }
}

pub(crate) fn hints(document: &Document, below: Node<'_>) -> Vec<SyntaxHint> {
    let root = Syntax::new(document, below);
    Walk::new(root, may_hold_hints)
        .filter_map(|node| hint_at(document, node.node()))
        .collect()
}

/// Everything but the leaves and the expressions, which hold no errors: those are refused whole.
fn may_hold_errors(kind: &str) -> bool {
    matches!(
        kind,
        "source_file"
            | "block"
            | "code_block"
            | "prose_block"
            | "fenced_cell"
            | "property"
            | "key"
            | "object"
            | "array"
            | "concatenation"
            | "string"
            | "interpolation"
            | "bare_text"
            | "command"
            | "argument_list"
            | "attribute"
            | "edge"
            | "ERROR"
    )
}

fn may_hold_hints(kind: &str) -> bool {
    matches!(
        kind,
        "source_file" | "block" | "code_block" | "property" | "object" | "array" | "fenced_cell"
    )
}

fn error_at(document: &Document, node: Node<'_>, parent: Option<Node<'_>>) -> Option<SyntaxError> {
    let error = |range: Range<usize>, kind, message: String| {
        Some(SyntaxError {
            range,
            message,
            kind,
        })
    };
    let range = node.byte_range();
    match node.kind() {
        "unclosed_string" => error(
            range,
            ErrorKind::UnclosedString,
            "This string is never closed.".into(),
        ),
        "unclosed_comment" => error(
            opening(document, range),
            ErrorKind::UnclosedComment,
            "This comment is never closed: it takes the rest of the file.".into(),
        ),
        "missing_close" => Some(missing_close(document, node, parent)),
        "wrong_close" => error(
            range,
            ErrorKind::WrongClose,
            "`]` closes a `{` here: `}` is expected.".into(),
        ),
        "stray_close" => {
            let text = document.slice(range.clone());
            error(
                range,
                ErrorKind::StrayClose,
                format!("This `{text}` closes nothing."),
            )
        }
        "missing_value" => error(
            visible(document, range),
            ErrorKind::MissingValue,
            "A value is missing after `+`.".into(),
        ),
        "invalid_expression" => {
            let empty = document.slice(range.clone()).trim().is_empty();
            let parent = node
                .parent()
                .map_or(range.clone(), |parent| parent.byte_range());
            let message = if empty {
                "This interpolation is empty."
            } else {
                "This expression is not complete."
            };
            error(
                if empty { parent } else { range },
                ErrorKind::InvalidExpression,
                message.into(),
            )
        }
        _ if node.is_error() || node.is_missing() => error(
            visible(document, range),
            ErrorKind::Unexpected,
            "This is not understood.".into(),
        ),
        _ => None,
    }
}

/// The error of a bracket that is never closed, at the bracket.
fn missing_close(document: &Document, node: Node<'_>, parent: Option<Node<'_>>) -> SyntaxError {
    let Some(parent) = parent.map(|parent| culprit(document, parent)) else {
        return SyntaxError {
            range: visible(document, node.byte_range()),
            message: "Something is never closed here.".into(),
            kind: ErrorKind::Unexpected,
        };
    };
    let mut cursor = parent.walk();
    let bracket = parent
        .children(&mut cursor)
        .find(|child| matches!(child.kind(), "{" | "[" | "("))
        .map_or_else(
            || opening(document, parent.byte_range()),
            |child| child.byte_range(),
        );
    let keyword = parent
        .child_by_field_name("keyword")
        .map(|keyword| document.slice(keyword.byte_range()).trim().to_owned())
        .filter(|keyword| keyword.len() <= 60);
    let (kind, message) = match (parent.kind(), keyword) {
        ("code_block", Some(keyword)) => (
            ErrorKind::UnclosedCell,
            format!("The `{keyword}` cell is never closed."),
        ),
        ("array", _) => (
            ErrorKind::UnclosedArray,
            "This `[` is never closed.".to_owned(),
        ),
        ("argument_list", _) => (
            ErrorKind::UnclosedParenthesis,
            "This `(` is never closed.".to_owned(),
        ),
        ("string" | "template_string", _) => (
            ErrorKind::UnclosedString,
            "This string is never closed.".to_owned(),
        ),
        (_, Some(keyword)) => (
            ErrorKind::UnclosedBlock,
            format!("The block `{keyword}` is never closed."),
        ),
        _ => (
            ErrorKind::UnclosedBlock,
            "This `{` is never closed.".to_owned(),
        ),
    };
    SyntaxError {
        range: bracket,
        message,
        kind,
    }
}

/// The block to blame when one is not closed. The brace that is missing is mostly that of a block inside,
/// which has taken the brace of the one around: its closing brace then stands further left than its head.
fn culprit<'d>(document: &'d Document, unclosed: Node<'d>) -> Node<'d> {
    let mut blamed = unclosed;
    if unclosed.kind() != "block" {
        return blamed;
    }
    loop {
        let mut cursor = blamed.walk();
        let inner = blamed.children(&mut cursor).find(|child| {
            let close = child
                .child_count()
                .checked_sub(1)
                .and_then(|last| child.child(u32::try_from(last).ok()?));
            child.kind() == "block"
                && close.is_some_and(|close| {
                    close.kind() == "}"
                        && indentation(document, close).is_some_and(|close| {
                            indentation(document, *child).is_some_and(|head| close < head)
                        })
                })
        });
        match inner {
            Some(inner) => blamed = inner,
            None => return blamed,
        }
    }
}

/// How far a node that begins its line is indented, in bytes.
fn indentation(document: &Document, node: Node<'_>) -> Option<usize> {
    let rope = document.rope();
    let start = node.start_byte();
    let line = rope.line_to_byte(rope.byte_to_line(start));
    // Only what can be an indentation is read.
    if start - line > 400 {
        return None;
    }
    document
        .slice(line..start)
        .chars()
        .all(|c| c == ' ' || c == '\t')
        .then_some(start - line)
}

fn hint_at(document: &Document, node: Node<'_>) -> Option<SyntaxHint> {
    let hint = |range, kind, message: &str| {
        Some(SyntaxHint {
            range,
            message: message.to_owned(),
            kind,
        })
    };
    match node.kind() {
        "unclosed_fence" => {
            let fence = node.parent()?.byte_range();
            hint(
                opening(document, fence),
                HintKind::UnclosedFence,
                "This fence is never closed: it takes the rest of the file.",
            )
        }
        "trailing_text" => hint(
            node.byte_range(),
            HintKind::TrailingText,
            "This text behind the value has no meaning.",
        ),
        "foreign_document" => hint(
            opening(document, node.byte_range()),
            HintKind::ForeignDocument,
            "This file is not a metascript: it is shown as it is.",
        ),
        _ => None,
    }
}

/// The first line of a range, without leading space.
fn opening(document: &Document, range: Range<usize>) -> Range<usize> {
    let head = document.slice(range.start..range.end.min(range.start + 400));
    let skipped = head.len() - head.trim_start().len();
    let start = range.start + skipped;
    let length = head
        .trim_start()
        .lines()
        .next()
        .unwrap_or_default()
        .trim_end()
        .len();
    visible(document, start..start + length)
}

/// A range that is not empty, as far as the text allows: the character before an empty one.
fn visible(document: &Document, range: Range<usize>) -> Range<usize> {
    if !range.is_empty() {
        return range;
    }
    let rope = document.rope();
    let char = rope.byte_to_char(range.start.min(rope.len_bytes()));
    rope.char_to_byte(char.saturating_sub(1))..rope.char_to_byte(char)
}
