//! A script as the cells of a notebook.
//!
//! The pieces follow each other without a gap: their ranges, in order, are the whole text. So a notebook that nobody edits
//! is saved byte for byte as it was. A code block at the top level becomes a cell of its language; other blocks become
//! pieces of script, and the prose of a literate document becomes text. What stands inside a block stays in it.

use std::ops::Range;

use metascript_syntax::ast::Item;
use metascript_syntax::{Cell, CellForm, Dialect, Document, Language};

/// What a piece of a script is in a notebook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PieceKind {
    /// The code of a block, in its language.
    Code {
        /// The language of the code.
        language: Language,
        /// Whether the lines of the code are indented below a head, as between braces.
        indented: bool,
    },
    /// Markdown.
    Markup,
    /// A part of the script as it stands.
    Script,
}

/// A piece of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// The bytes that belong to it: its head, its end, the blank lines after it.
    pub range: Range<usize>,
    /// The bytes that a person edits, inside the range.
    pub content: Range<usize>,
}

/// The pieces of a script, in order. An empty text has none.
pub fn pieces(document: &Document) -> Vec<Piece> {
    let text = document.rope().to_string();
    let mut pieces = grouped(document, &text);
    fill(&text, &mut pieces);
    pieces
}

/// The pieces with their own bytes, comments included; blank space between them belongs to none yet.
fn grouped(document: &Document, text: &str) -> Vec<Piece> {
    let cells = document.cells();
    let literate = document.dialect() == Dialect::Literate;
    let mut pieces: Vec<Piece> = Vec::new();
    // Whether more may be added to the piece before: blocks stand alone, single lines stand together.
    let mut open = false;
    let mut end = 0;
    for item in document.root().items() {
        let range = item.range();
        if range.start < end || range.is_empty() {
            continue;
        }
        let cell = cells.iter().find(|cell| cell.range == range);
        let (kind, content) = kind(&item, cell, text, literate);
        let start = comments(text, end..range.start, &kind, &mut pieces, &mut open);
        end = range.end;
        let alone = matches!(item, Item::Block(_) | Item::Prose(_));
        let joins = match (&kind, pieces.last().map(|last| &last.kind)) {
            (PieceKind::Markup, Some(PieceKind::Markup)) => !matches!(item, Item::Heading(_)),
            (PieceKind::Script, Some(PieceKind::Script)) => (open && !alone) || continues(&item),
            _ => false,
        };
        open = !alone;
        match pieces.last_mut() {
            Some(last) if joins => {
                last.range.end = range.end;
                last.content.end = range.end;
            }
            _ => pieces.push(Piece {
                kind,
                content: content.unwrap_or(start..range.end),
                range: start..range.end,
            }),
        }
    }
    comments(
        text,
        end..text.len(),
        &PieceKind::Markup,
        &mut pieces,
        &mut open,
    );
    pieces
}

/// What an item is, and for code the bytes of the code.
fn kind(
    item: &Item<'_>,
    cell: Option<&Cell>,
    text: &str,
    literate: bool,
) -> (PieceKind, Option<Range<usize>>) {
    if let Some(cell) = cell
        && speaks(&cell.language)
        && is_closed(cell, text)
    {
        let kind = PieceKind::Code {
            language: cell.language.clone(),
            indented: cell.form != CellForm::Fence,
        };
        return (kind, Some(code(cell, text)));
    }
    let prose = matches!(item, Item::Heading(_) | Item::Paragraph(_) | Item::Text(_));
    if literate && prose {
        (PieceKind::Markup, None)
    } else {
        (PieceKind::Script, None)
    }
}

/// The languages that a notebook has cells in.
fn speaks(language: &Language) -> bool {
    matches!(
        language,
        Language::FSharp
            | Language::CSharp
            | Language::Python
            | Language::JavaScript
            | Language::TypeScript
            | Language::Rust
            | Language::Sql
            | Language::Bash
            | Language::PowerShell
    )
}

/// A block that nobody closed cannot be told from what follows it.
fn is_closed(cell: &Cell, text: &str) -> bool {
    let after = text.get(cell.code.end..cell.range.end).unwrap_or_default();
    let last = after.trim_end().chars().next_back();
    match cell.form {
        CellForm::Brace | CellForm::Lang => last == Some('}'),
        CellForm::Fence => matches!(last, Some('`' | '~')),
    }
}

/// Whole lines of code, without the blank rest of the head's line and without the line end of the last.
fn code(cell: &Cell, text: &str) -> Range<usize> {
    let code = text.get(cell.code.clone()).unwrap_or_default();
    if code.trim().is_empty() {
        let rest = text
            .get(cell.code.start..cell.range.end)
            .unwrap_or_default();
        let at = cell.code.start + first_line_end(rest).unwrap_or(0);
        return at..at;
    }
    let skipped = match first_line_end(code) {
        Some(at) => at,
        None if is_line_start(text, cell.code.start) => 0,
        // The code begins in the line of the head.
        None => code.len() - code.trim_start().len(),
    };
    let start = cell.code.start + skipped;
    let end = cell.code.start + code.trim_end().len();
    start..end.max(start)
}

/// Where the second line begins, if the first is blank.
fn first_line_end(text: &str) -> Option<usize> {
    let at = text.find(['\n', '\r'])?;
    let (blank, rest) = text.split_at_checked(at)?;
    let end = if rest.starts_with("\r\n") { 2 } else { 1 };
    blank.trim().is_empty().then_some(at + end)
}

fn is_line_start(text: &str, at: usize) -> bool {
    text.get(..at)
        .is_none_or(|before| before.is_empty() || before.ends_with(['\n', '\r']))
}

/// `ELSE` and the like say nothing without the block before them.
fn continues(item: &Item<'_>) -> bool {
    let Item::Block(block) = item else {
        return false;
    };
    let keyword = block.keyword_text();
    matches!(
        keyword.split(' ').next(),
        Some("ELSE" | "ELSEIF" | "ELIF" | "CATCH" | "FINALLY")
    )
}

/// Gives the comments between two items to one of them, and answers where the next item begins with its comments.
fn comments(
    text: &str,
    gap: Range<usize>,
    next: &PieceKind,
    pieces: &mut Vec<Piece>,
    open: &mut bool,
) -> usize {
    let mut start = gap.start;
    let between = text.get(gap.clone()).unwrap_or_default();
    // A comment behind the end of an item is about that item.
    if let Some(last) = pieces.last_mut()
        && let Some(line) = between.split(['\n', '\r']).next()
        && !line.trim().is_empty()
        && line.len() < between.len()
    {
        start += line.trim_end().len();
        last.range.end = start;
        if !matches!(last.kind, PieceKind::Code { .. }) {
            last.content.end = start;
        }
    }
    let rest = text.get(start..gap.end).unwrap_or_default();
    let trimmed = rest.trim_start();
    if trimmed.trim_end().is_empty() {
        return gap.end;
    }
    let first = gap.end - trimmed.len();
    if *next == PieceKind::Script {
        *open = false;
        return first;
    }
    let end = first + trimmed.trim_end().len();
    pieces.push(Piece {
        kind: PieceKind::Script,
        range: first..end,
        content: first..end,
    });
    *open = false;
    gap.end
}

/// Gives the blank space to the piece before it, or to the first one.
fn fill(text: &str, pieces: &mut Vec<Piece>) {
    let mut next = text.len();
    for piece in pieces.iter_mut().rev() {
        piece.range.end = next;
        next = piece.range.start;
        if !matches!(piece.kind, PieceKind::Code { .. }) {
            let content = text.get(piece.content.clone()).unwrap_or_default();
            piece.content.end = piece.content.start + content.trim_end().len();
        }
    }
    match pieces.first_mut() {
        Some(first) => first.range.start = 0,
        None if text.is_empty() => {}
        None => pieces.push(Piece {
            kind: PieceKind::Script,
            range: 0..text.len(),
            content: text.len()..text.len(),
        }),
    }
}
