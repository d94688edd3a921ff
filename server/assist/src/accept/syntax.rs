//! Whether a piece fits into the syntax of its place: of the script, and of the language of the cell that it is in.

use std::ops::Range;

use metascript_syntax::{Document, ErrorKind};
use tree_sitter::{Node, Parser, TreeCursor};

use super::Place;

/// What is wrong at a place before anything is inserted.
pub(super) struct Shape {
    /// The kinds of the script's errors.
    errors: Vec<ErrorKind>,
    /// How many errors the cell's own grammar finds.
    cell_errors: usize,
    /// The cell is sound but for the cursor's line.
    cell_sound: bool,
    prose: bool,
    foreign: bool,
}

/// Nodes that a script tolerates but nobody wants to be suggested where code is.
const TALK_NODES: &[&str] = &[
    "paragraph",
    "trailing_text",
    "plain_text",
    "heading",
    "stray_close",
    "wrong_close",
    "bare_text",
];

/// Statements of the line dialect; elsewhere they are code of another language more often than not.
const COMMAND: &str = "command";

/// Nodes in which people write to people.
const PROSE_NODES: &[&str] = &[
    "paragraph",
    "prose",
    "prose_block",
    "text",
    "comment",
    "heading",
    "heading_text",
    "string_content",
];

/// Errors that a text still being typed has by nature.
fn is_unfinished(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedBlock
            | ErrorKind::UnclosedCell
            | ErrorKind::UnclosedArray
            | ErrorKind::UnclosedParenthesis
            | ErrorKind::UnclosedString
            | ErrorKind::UnclosedComment
    )
}

impl Shape {
    pub(super) fn of(
        document: &Document,
        offset: usize,
        cell: Option<&(String, Range<usize>)>,
    ) -> Self {
        let errors = document
            .syntax_errors()
            .into_iter()
            .map(|error| error.kind)
            .collect();
        let (mut cell_errors, mut cell_sound) = (0, false);
        if let Some((language, code)) = cell {
            let text = document.slice(code.clone());
            cell_errors = cell_faults(language, &text, 0..0).map_or(0, |faults| faults.count);
            let rest = without_line(&text, offset - code.start);
            cell_sound = cell_faults(language, &rest, 0..0).is_some_and(|faults| faults.count == 0);
        }
        let at = offset.saturating_sub(1)..offset;
        let node = document
            .tree()
            .root_node()
            .descendant_for_byte_range(at.start, at.end);
        let prose = cell.is_none() && node.is_some_and(|node| PROSE_NODES.contains(&node.kind()));
        Self {
            errors,
            cell_errors,
            cell_sound,
            prose,
            foreign: document.dialect().is_foreign(),
        }
    }

    /// Whether prose is welcome here.
    pub(super) fn is_prose(&self) -> bool {
        self.prose
    }

    /// The document with the piece in it, if the piece adds no error and is complete in itself.
    pub(super) fn with(&self, place: &Place, piece: &str) -> Option<Document> {
        let after = place.inserted(piece);
        let inserted = place.offset..place.offset + piece.len();
        if self.foreign {
            return Some(after);
        }
        let mut known = self.errors.clone();
        for error in after.syntax_errors() {
            let index = known.iter().position(|kind| *kind == error.kind)?;
            known.swap_remove(index);
            let inside = error.range.start >= inserted.start && error.range.start < inserted.end;
            if inside && !(is_unfinished(error.kind) && error.range.start < place.offset) {
                return None;
            }
        }
        match &place.cell {
            Some((language, _)) => self.fits_cell(&after, language, &inserted).then_some(after),
            None => (self.prose || !has_talk(&after, &inserted)).then_some(after),
        }
    }

    fn fits_cell(&self, after: &Document, language: &str, inserted: &Range<usize>) -> bool {
        let cell = after
            .cells()
            .into_iter()
            .find(|cell| cell.range.start <= inserted.start && inserted.end < cell.range.end);
        // A piece that ends the cell it is in has left its place.
        let Some(cell) = cell.filter(|cell| cell.language.as_str() == language) else {
            return false;
        };
        if inserted.end > cell.code.end {
            // The line that names the result belongs to the script, not to the code before it.
            let code = after.slice(cell.code.clone());
            return cell.output_variable.is_some()
                && cell_faults(language, &code, 0..0)
                    .is_none_or(|faults| faults.count <= self.cell_errors);
        }
        let code = after.slice(cell.code.clone());
        let inside = inserted.start - cell.code.start..inserted.end - cell.code.start;
        cell_faults(language, &code, inside).is_none_or(|faults| {
            let known = faults.count <= self.cell_errors && !faults.inside;
            known && !(faults.overlaps && self.cell_sound)
        })
    }
}

fn has_talk(document: &Document, inserted: &Range<usize>) -> bool {
    let commands = document.dialect().as_str() == "lines";
    let mut found = false;
    walk(&mut document.tree().walk(), &mut |node| {
        let range = node.byte_range();
        if range.end <= inserted.start || range.start >= inserted.end {
            return false;
        }
        let talk = TALK_NODES.contains(&node.kind()) || (node.kind() == COMMAND && !commands);
        if range.start >= inserted.start && talk {
            found = true;
        }
        !found
    });
    found
}

/// Code without the line that an offset is on.
pub(super) fn without_line(code: &str, offset: usize) -> String {
    let head = code.get(..offset).unwrap_or(code);
    let from = head.rfind('\n').map_or(0, |at| at + 1);
    let tail = code.get(offset..).unwrap_or_default();
    let rest = tail
        .find('\n')
        .and_then(|at| tail.get(at + 1..))
        .unwrap_or_default();
    format!("{}{rest}", code.get(..from).unwrap_or_default())
}

/// Visits nodes from above; the callback says whether to go into a node.
fn walk(cursor: &mut TreeCursor<'_>, visit: &mut impl FnMut(Node<'_>) -> bool) {
    loop {
        if visit(cursor.node()) && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
        }
    }
}

struct CellFaults {
    count: usize,
    /// One of them begins inside the inserted text.
    inside: bool,
    /// One of them covers a part of the inserted text.
    overlaps: bool,
    first_line: Option<usize>,
}

/// The first line (from 0) of a cell's code at which its language's grammar stumbles. Code that metascript fills in
/// before it runs (`${...}`) is not the language's own yet, and is left alone.
pub(super) fn first_fault(language: &str, code: &str) -> Option<usize> {
    if code.contains("${") {
        return None;
    }
    cell_faults(language, code, 0..0)?.first_line
}

/// Code without the indentation that all of its lines share: in a script it stands inside a block. Columns of some
/// languages begin at the margin.
pub(super) struct Flush {
    pub(super) text: String,
    depth: usize,
}

impl Flush {
    pub(super) fn new(code: &str) -> Self {
        let lines = code.lines().filter(|line| !line.trim().is_empty());
        let depth = lines
            .map(|line| line.len() - line.trim_start().len())
            .min()
            .unwrap_or(0);
        let text = code
            .split_inclusive('\n')
            .map(|line| line.get(cut(line, depth)..).unwrap_or_default())
            .collect();
        Self { text, depth }
    }

    /// Where a byte of the code stands now.
    fn place(&self, code: &str, offset: usize) -> usize {
        let head = code.get(..offset).unwrap_or(code);
        let removed: usize = head
            .split_inclusive('\n')
            .map(|line| cut(line, self.depth))
            .sum();
        head.len() - removed
    }
}

/// How many bytes of a line go: never its line end.
fn cut(line: &str, depth: usize) -> usize {
    let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
    blank.min(depth)
}

/// What a language's own grammar finds wrong; `None` for languages without one.
fn cell_faults(language: &str, code: &str, inserted: Range<usize>) -> Option<CellFaults> {
    let grammar: tree_sitter::Language = match language {
        "python" => tree_sitter_python::LANGUAGE.into(),
        "javascript" => tree_sitter_javascript::LANGUAGE.into(),
        "typescript" => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        "fsharp" => tree_sitter_fsharp::LANGUAGE_FSHARP.into(),
        "csharp" => tree_sitter_c_sharp::LANGUAGE.into(),
        "rust" => tree_sitter_rust::LANGUAGE.into(),
        "bash" => tree_sitter_bash::LANGUAGE.into(),
        "powershell" => tree_sitter_powershell::LANGUAGE.into(),
        _ => return None,
    };
    let mut parser = Parser::new();
    parser.set_language(&grammar).ok()?;
    let flush = Flush::new(code);
    let inserted = flush.place(code, inserted.start)..flush.place(code, inserted.end);
    let tree = parser.parse(&flush.text, None)?;
    let mut faults = CellFaults {
        count: 0,
        inside: false,
        overlaps: false,
        first_line: None,
    };
    walk(&mut tree.walk(), &mut |node| {
        if node.is_error() || node.is_missing() {
            faults.count += 1;
            faults.first_line.get_or_insert(node.start_position().row);
            let range = node.byte_range();
            faults.inside |= range.start >= inserted.start && range.start < inserted.end;
            faults.overlaps |= range.start < inserted.end && range.end > inserted.start;
            return false;
        }
        node.has_error()
    });
    Some(faults)
}
