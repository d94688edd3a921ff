//! What holds for any bytes: the fuzz targets look for inputs that break it, and the test `regressions` replays those
//! that once did.
//!
//! An input is a text, and after a byte that no UTF-8 has (`0xFF`) what is done to it. Bytes that are not UTF-8 are replaced,
//! so that any input means something and seeds can be plain scripts.

use std::ops::Range;

use metascript_syntax::format::{self, FormatOptions};
use metascript_syntax::{Document, TextEdit};

const KEYWORDS: [&str; 12] = [
    "FSHARP",
    "CSHARP",
    "PYTHON",
    "JAVASCRIPT",
    "RUST",
    "SQL",
    "BASH",
    "POWERSHELL",
    "CUDA",
    "WOLFRAM",
    "JULIA",
    "REASONING",
];

/// Any text and any edits: no error node, and the incremental tree is the tree of the text.
///
/// Each edit is four bytes (where, two; how many bytes go; how many of the bytes behind come) and what comes.
pub fn parser(input: &[u8]) {
    let (text, mut rest) = split(input);
    let mut text = text;
    let mut document = Document::parse(&text);
    assert!(!document.tree().root_node().has_error());
    for _ in 0..16 {
        let [high, low, removed, length, behind @ ..] = rest else {
            break;
        };
        let (inserted, behind) = behind.split_at(behind.len().min(usize::from(*length)));
        rest = behind;
        let inserted = String::from_utf8_lossy(inserted).into_owned();
        let at = usize::from(u16::from_be_bytes([*high, *low])) % (text.len() + 1);
        let range = between(&text, at..at + usize::from(*removed));
        document = document.edited(&[TextEdit {
            range: range.clone(),
            text: inserted.as_str().into(),
        }]);
        text.replace_range(range, &inserted);
        let scratch = Document::parse(&text);
        assert!(!scratch.tree().root_node().has_error());
        assert_eq!(
            document.tree().root_node().to_sexp(),
            scratch.tree().root_node().to_sexp(),
            "{text}"
        );
        assert_eq!(document.syntax_errors(), scratch.syntax_errors());
        assert_eq!(document.cells(), scratch.cells());
    }
}

/// The ends of cells: whatever the code, the scanner returns, and the block around is made of the text. The first byte
/// chooses the language.
pub fn scanner(input: &[u8]) {
    let Some((language, code)) = input.split_first() else {
        return;
    };
    let code = String::from_utf8_lossy(code);
    let keyword = KEYWORDS[usize::from(*language) % KEYWORDS.len()];
    let text = format!("{keyword} {{\n{code}\n}}\n\nDESCRIBE {{\n    name: \"next\"\n}}\n");
    let document = Document::parse(&text);
    assert!(!document.tree().root_node().has_error());
    for cell in document.cells() {
        assert!(cell.range.start <= cell.code.start);
        assert!(cell.code.start <= cell.code.end && cell.code.end <= cell.range.end);
        assert!(text.get(cell.code.clone()).is_some());
    }
}

/// Only white space between tokens changes, and no cell at all; in a well-formed text, formatting twice is formatting once.
pub fn formatter(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let options = FormatOptions::default();
    let document = Document::parse(&text);
    let once = format::applied(&document, &format::document(&document, &options));
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeezed(&once), squeezed(&text));
    let after = Document::parse(&once);
    assert_eq!(codes(&after, &once), codes(&document, &text));
    // Exotic white space is left where it is, and lines around it may find their place in two steps.
    let exotic = |c: char| {
        c.is_control() && !matches!(c, '\n' | '\r' | '\t') || (c.is_whitespace() && !c.is_ascii())
    };
    if !document.syntax_errors().is_empty() || text.contains(exotic) {
        return;
    }
    let twice = format::applied(&after, &format::document(&after, &options));
    assert_eq!(twice, once);
}

fn codes<'a>(document: &Document, text: &'a str) -> Vec<&'a str> {
    let cells = document.cells();
    cells.iter().map(|cell| &text[cell.code.clone()]).collect()
}

fn split(input: &[u8]) -> (String, &[u8]) {
    let end = input.iter().position(|&byte| byte == 0xFF);
    let (text, rest) = match end {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &input[..0]),
    };
    (String::from_utf8_lossy(text).into_owned(), rest)
}

/// The range, moved back to borders of characters.
fn between(text: &str, range: Range<usize>) -> Range<usize> {
    let border = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(range.start);
    start..border(range.end).max(start)
}
