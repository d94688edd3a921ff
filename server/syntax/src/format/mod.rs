//! The formatter: indentation, spaces and blank lines of brace documents.
//!
//! It only ever changes white space between tokens, so the bytes of cells, strings, comments and text lines
//! stay as they are; what the edits give is parsed and compared before they are returned. Formatting a
//! formatted document changes nothing. Literate and foreign documents keep their own style.

mod gaps;
mod indent;
mod options;

use std::ops::Range;

use crate::{Dialect, Document, TextEdit};

pub use options::{FormatOptions, Indent};

/// The edits that format a whole document, in order and without overlap, each as small as it can be: ranges
/// all mean the document as it is. There are none when it has syntax errors, for then its structure is not
/// known.
pub fn document(document: &Document, options: &FormatOptions) -> Vec<TextEdit> {
    if !is_formattable(document) || !document.syntax_errors().is_empty() {
        return Vec::new();
    }
    let edits = gaps::edits(document, options, gaps::Rules::All);
    if keeps_tokens(document, &edits) {
        return edits;
    }
    // Some spelling reads differently with other spaces: then only lines are indented.
    let edits = gaps::edits(document, options, gaps::Rules::Lines);
    if keeps_tokens(document, &edits) {
        edits
    } else {
        Vec::new()
    }
}

/// The edits of [`document()`] that touch the lines of a range.
pub fn range(document: &Document, range: Range<usize>, options: &FormatOptions) -> Vec<TextEdit> {
    let rope = document.rope();
    let clamp = |byte: usize| byte.min(rope.len_bytes());
    let first = rope.line_to_byte(rope.byte_to_line(clamp(range.start)));
    let last_line = rope.byte_to_line(clamp(range.end.max(range.start)));
    let end = rope.line_to_byte((last_line + 1).min(rope.len_lines()));
    let edits: Vec<_> = self::document(document, options)
        .into_iter()
        .filter(|edit| {
            // An insertion at the end belongs to the line after it.
            let inside = edit.range.start < end || end == rope.len_bytes();
            inside && edit.range.start >= first && edit.range.end <= end
        })
        .collect();
    if keeps_tokens(document, &edits) {
        edits
    } else {
        Vec::new()
    }
}

/// The edits after a character was typed that ends at `offset`: a new line is indented, and so is a line
/// that begins with the bracket that was typed. The document may have errors.
pub fn on_type(
    document: &Document,
    offset: usize,
    typed: char,
    options: &FormatOptions,
) -> Vec<TextEdit> {
    if !is_formattable(document) || !matches!(typed, '\n' | '}' | ']') {
        return Vec::new();
    }
    indent::line_edit(document, offset, typed, options)
        .into_iter()
        .collect()
}

/// The text with edits that all mean the document as it is, such as the functions of this module return.
pub fn applied(document: &Document, edits: &[TextEdit]) -> String {
    let mut text = String::with_capacity(document.rope().len_bytes());
    let mut at = 0;
    for edit in edits {
        text.push_str(&document.slice(at..edit.range.start));
        text.push_str(&edit.text);
        at = edit.range.end;
    }
    text.push_str(&document.slice(at..document.rope().len_bytes()));
    text
}

fn is_formattable(document: &Document) -> bool {
    let dialect = document.dialect();
    !(dialect.is_foreign() || dialect == Dialect::Literate)
}

/// Whether the text after the edits has the same tokens with the same bytes.
fn keeps_tokens(document: &Document, edits: &[TextEdit]) -> bool {
    edits.is_empty() || {
        let after = Document::parse(&applied(document, edits));
        gaps::same_tokens(document, &after)
    }
}
