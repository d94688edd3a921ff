//! How deep a line is indented.

use tree_sitter::Node;

use super::options::{FormatOptions, Indent};
use crate::{Document, TextEdit};

/// How many lines are looked at to tell what a document uses.
const LOOK: usize = 400;

/// Deeper than this nothing is indented further: the white space would outgrow the text.
pub(super) const MAX_LEVELS: usize = 64;

/// The indentation that the options ask for or that most nested lines of the document use.
pub(super) fn unit(document: &Document, options: &FormatOptions) -> Indent {
    if let Some(indent) = options.indent {
        return indent;
    }
    let mut widths = [0_usize; 9];
    let mut tabs = 0_usize;
    let root = document.tree().root_node();
    let mut blocks = root.walk();
    let mut seen = 0;
    for block in root
        .children(&mut blocks)
        .filter(|child| child.kind() == "block")
    {
        // What the block itself is indented by does not count. One that begins behind something else says nothing.
        let Some(around) = own_indent(document, block) else {
            continue;
        };
        let mut cursor = block.walk();
        let items = block.children(&mut cursor).filter(|child| {
            child.is_named()
                && child.start_position().row > block.start_position().row
                && !matches!(child.kind(), "text" | "fenced_cell" | "code" | "prose")
        });
        let mut items = items
            .take(20)
            .map(|item| own_indent(document, item))
            .peekable();
        // The first line that formatting may move is one level deep; those behind may nest by their indentation.
        let first = items.peek().cloned().flatten();
        let count = items.filter(|indent| *indent == first).count();
        seen += count;
        let Some(indent) = first
            .as_deref()
            .and_then(|indent| indent.strip_prefix(&*around))
        else {
            continue;
        };
        if indent.starts_with('\t') {
            tabs += count;
        } else if let Some(width) = widths.get_mut(indent.len()).filter(|_| !indent.is_empty()) {
            *width += count;
        }
        if seen > LOOK {
            break;
        }
    }
    let width = widths
        .iter()
        .enumerate()
        .skip(1)
        .rev()
        .max_by_key(|(_, count)| **count);
    match width {
        Some((_, count)) if tabs > *count => Indent::Tab,
        Some((width, count)) if *count > 0 => Indent::Spaces(u8::try_from(width).unwrap_or(4)),
        _ => Indent::Spaces(4),
    }
}

/// The white space before a byte when nothing else stands before it on its line; empty otherwise.
pub(super) fn line_indent(document: &Document, byte: usize) -> String {
    indent_before(document, byte).unwrap_or_default()
}

/// The white space before a node, if it is the first on its line.
fn own_indent(document: &Document, node: Node<'_>) -> Option<String> {
    indent_before(document, node.start_byte())
}

fn indent_before(document: &Document, byte: usize) -> Option<String> {
    let rope = document.rope();
    let line = rope.line_to_byte(rope.byte_to_line(byte));
    let before = document.slice(line..byte);
    before
        .chars()
        .all(|c| c == ' ' || c == '\t')
        .then(|| before.into_owned())
}

/// The edit that indents the line of `offset`, if it is not right. Lines inside strings, cells and comments
/// are left alone.
pub(super) fn line_edit(
    document: &Document,
    offset: usize,
    typed: char,
    options: &FormatOptions,
) -> Option<TextEdit> {
    let rope = document.rope();
    let offset = offset.min(rope.len_bytes());
    let line = rope.byte_to_line(offset);
    let start = rope.line_to_byte(line);
    let text = rope.line(line).to_string();
    let blank: String = text
        .chars()
        .take_while(|c| *c == ' ' || *c == '\t')
        .collect();
    let content = start + blank.len();
    if typed != '\n' && content + typed.len_utf8() != offset {
        return None;
    }
    let first = text.get(blank.len()..)?.chars().next();
    let closes = matches!(first, Some('}' | ']'));
    let mut cursor = document.tree().walk();
    let mut levels = 0_usize;
    let mut line_of_last = None;
    // Down to the place where the line begins: what is open there indents it.
    loop {
        let node = cursor.node();
        if is_protected(node.kind()) && node.start_byte() < content && content < node.end_byte() {
            return None;
        }
        if let Some(open) = opening(node).filter(|open| open.end_byte() <= content)
            && closing(node).is_none_or(|close| close.start_byte() >= content)
            && node.kind() != "code_block"
        {
            // Brackets that open on one line indent once.
            let opened_on = rope.byte_to_line(open.start_byte());
            if opened_on < line && line_of_last != Some(opened_on) {
                levels += 1;
                line_of_last = Some(opened_on);
            }
        }
        // The character before the line, because what ends with the text ends at the line itself.
        if cursor
            .goto_first_child_for_byte(content.saturating_sub(1))
            .is_none()
        {
            break;
        }
        // What begins behind the place is not open there.
        if cursor.node().start_byte() > content {
            break;
        }
    }
    if closes {
        levels = levels.saturating_sub(1);
    }
    let wanted = unit(document, options).text(levels.min(MAX_LEVELS));
    (wanted != blank).then_some(TextEdit {
        range: start..content,
        text: wanted,
    })
}

/// Tokens whose lines are never indented.
pub(super) fn is_protected(kind: &str) -> bool {
    matches!(
        kind,
        "string"
            | "code"
            | "prose"
            | "comment"
            | "unclosed_comment"
            | "yaml_block"
            | "interpolation"
            | "fenced_cell"
            | "front_matter"
            | "foreign_document"
            | "concatenation"
    )
}

fn opening(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor)
        .find(|child| matches!(child.kind(), "{" | "["))
}

fn closing(node: Node<'_>) -> Option<Node<'_>> {
    let last = node.child(u32::try_from(node.child_count().checked_sub(1)?).ok()?)?;
    matches!(last.kind(), "}" | "]").then_some(last)
}
