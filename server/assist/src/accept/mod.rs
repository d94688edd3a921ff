//! What a model says becomes a suggestion only if it fits: a complete piece of syntax that adds no error and nothing
//! that the security policy blocks, free of hidden characters and of what already stands there.

mod clean;
pub mod hidden;
mod policy;
mod syntax;

use std::sync::Arc;

use metascript_syntax::{Document, TextEdit};

use crate::privacy;
pub use policy::{LevelPolicy, Policy, SetupPolicy};
use syntax::Shape;

/// Why a candidate is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing is left of it.
    Empty,
    /// It holds characters that nobody sees.
    Hidden,
    /// It holds a placeholder that stands for no secret.
    Placeholder,
    /// It talks instead of completing.
    Prose,
    /// No piece of it fits into the syntax.
    Syntax,
    /// It adds findings that the policy blocks.
    Security(Vec<String>),
}

impl Rejection {
    /// The name in statistics.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Hidden => "hidden characters",
            Self::Placeholder => "placeholder",
            Self::Prose => "prose",
            Self::Syntax => "syntax",
            Self::Security(_) => "security",
        }
    }
}

/// How many shorter pieces of a candidate are tried.
const MAX_CUTS: usize = 12;
/// Longest candidate that is looked at, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// Judges candidates under a policy.
#[derive(Clone)]
pub struct Acceptor {
    policy: Arc<dyn Policy>,
}

impl Default for Acceptor {
    fn default() -> Self {
        Self::new(Arc::new(LevelPolicy::default()))
    }
}

impl Acceptor {
    /// An acceptor under a policy.
    pub fn new(policy: Arc<dyn Policy>) -> Self {
        Self { policy }
    }

    /// The text to insert at a byte offset of a document, made from what a model said; or why there is none.
    pub fn accept(
        &self,
        document: &Document,
        offset: usize,
        said: &str,
    ) -> Result<String, Rejection> {
        self.judge(&Place::new(document, offset), said)
    }

    /// The same for several candidates at one place; the place is analysed once.
    pub fn judge(&self, place: &Place, said: &str) -> Result<String, Rejection> {
        let said = crate::tokens::head(said, u32::try_from(MAX_BYTES / 3).unwrap_or(u32::MAX));
        let text = clean::clean(place, said)?;
        if text.trim().is_empty() {
            return Err(Rejection::Empty);
        }
        if hidden::has_hidden(&text) {
            return Err(Rejection::Hidden);
        }
        if privacy::has_placeholder(&text) {
            return Err(Rejection::Placeholder);
        }
        let mut blocked = None;
        for piece in pieces(place, &text) {
            let Some(after) = place.shape.with(place, &piece) else {
                continue;
            };
            let found = self.added_findings(place, &after, &piece);
            if found.is_empty() {
                return Ok(piece);
            }
            blocked.get_or_insert(found);
        }
        Err(blocked.map_or(Rejection::Syntax, Rejection::Security))
    }

    /// Whether a whole text parses without an error and holds nothing that the policy blocks; else what is wrong, in
    /// lines for people and for the model that wrote it.
    pub fn check(&self, text: &str) -> Vec<String> {
        let document = Document::parse(text);
        let mut faults: Vec<String> = document
            .syntax_errors()
            .into_iter()
            .map(|error| {
                let line = document
                    .rope()
                    .byte_to_line(error.range.start.min(document.rope().len_bytes()))
                    + 1;
                format!("line {line}: {}", error.message)
            })
            .collect();
        if hidden::has_hidden(text) {
            faults.push("the text holds characters that cannot be seen".to_owned());
        }
        for cell in document.cells() {
            let code = document.slice(cell.code.clone());
            if let Some(line) = syntax::first_fault(cell.language.as_str(), &code) {
                let line = cell.first_line as usize + line + 1;
                faults.push(format!(
                    "line {line}: this is not {}",
                    cell.language.as_str()
                ));
            }
            let found = self.blocked(cell.language.as_str(), &code);
            faults.extend(
                found
                    .into_iter()
                    .map(|finding| format!("cell {}: {finding}", cell.index + 1)),
            );
        }
        let found = self.policy.blocked_in_script(&document);
        faults.extend(
            found
                .into_iter()
                .map(|finding| format!("script: {finding}")),
        );
        faults
    }

    /// What the policy blocks in a whole text, without a look at its syntax.
    pub fn findings(&self, document: &Document) -> Vec<String> {
        let cells = document.cells();
        let in_cells = cells.iter().flat_map(|cell| {
            self.blocked(cell.language.as_str(), &document.slice(cell.code.clone()))
        });
        in_cells
            .chain(self.policy.blocked_in_script(document))
            .collect()
    }

    /// What the policy blocks in a cell's code, which is told as it would stand in a file of its own.
    fn blocked(&self, language: &str, code: &str) -> Vec<String> {
        self.policy
            .blocked(language, &syntax::Flush::new(code).text)
    }

    /// The findings before anything is inserted. Half a line can hide what stands on the others, so the code is looked
    /// at without the cursor's line as well.
    fn known_findings(&self, language: &str, code: &str, offset: usize) -> Vec<String> {
        let mut known = self.blocked(language, code);
        let mut left = known.clone();
        for finding in self.blocked(language, &syntax::without_line(code, offset)) {
            match left.iter().position(|other| *other == finding) {
                Some(at) => drop(left.swap_remove(at)),
                None => known.push(finding),
            }
        }
        known
    }

    fn added_findings(&self, place: &Place, after: &Document, piece: &str) -> Vec<String> {
        let inserted = place.offset..place.offset + piece.len();
        let mut added = Vec::new();
        let mut in_code = false;
        for cell in after.cells() {
            if cell.code.end < inserted.start || cell.code.start > inserted.end {
                continue;
            }
            in_code |= cell.code.start <= inserted.start && inserted.end <= cell.code.end;
            let language = cell.language.as_str();
            let now = self.blocked(language, &after.slice(cell.code.clone()));
            if now.is_empty() {
                continue;
            }
            let mut before = match &place.cell {
                Some((language, code)) => self.known_findings(
                    language,
                    &place.document.slice(code.clone()),
                    place.offset - code.start,
                ),
                None => Vec::new(),
            };
            added.extend(beyond(now, &mut before));
        }
        if !in_code {
            let now = self.policy.blocked_in_script(&blocks_at(after, &inserted));
            if !now.is_empty() {
                let here = place.offset..place.offset;
                let before = blocks_at(&place.document, &here);
                added.extend(beyond(now, &mut self.policy.blocked_in_script(&before)));
            }
        }
        added
    }
}

/// Those findings that are not among the known ones, each counted as often as it is there.
fn beyond(now: Vec<String>, known: &mut Vec<String>) -> Vec<String> {
    let mut added = Vec::new();
    for finding in now {
        match known.iter().position(|other| *other == finding) {
            Some(at) => drop(known.swap_remove(at)),
            None => added.push(finding),
        }
    }
    added
}

/// Longest piece of a script that is scanned around a suggestion, in bytes.
const MAX_BLOCKS: usize = 64 << 10;

/// The top-level blocks at a place, as a script of their own.
fn blocks_at(document: &Document, place: &std::ops::Range<usize>) -> Document {
    let root = document.tree().root_node();
    let mut cursor = root.walk();
    let touched = root
        .named_children(&mut cursor)
        .filter(|node| node.start_byte() <= place.end && place.start <= node.end_byte());
    let around = touched.fold(place.clone(), |around, node| {
        around.start.min(node.start_byte())..around.end.max(node.end_byte())
    });
    if around.len() <= MAX_BLOCKS {
        return Document::parse(&document.slice(around));
    }
    // A tree that is one error has no blocks: the lines around the place stand for them.
    let rope = document.rope();
    let line = |at: usize| rope.line_to_byte(rope.byte_to_line(at.min(rope.len_bytes())));
    let start = line(place.start.saturating_sub(MAX_BLOCKS / 2));
    let end = line((place.end + MAX_BLOCKS / 2).min(rope.len_bytes()));
    Document::parse(&document.slice(start.min(place.start)..end.max(place.end)))
}

/// Where a candidate would go, with what is wrong there already.
pub struct Place {
    document: Document,
    offset: usize,
    /// The text before and after, as far as cleaning needs it.
    before: String,
    after: String,
    /// The language and the code of the cell at the offset.
    cell: Option<(String, std::ops::Range<usize>)>,
    shape: Shape,
}

/// The language and the code of the cell that an offset is in. Blanks at the end of a cell do not belong to its code,
/// but they are where people type.
pub(crate) fn cell_at(
    document: &Document,
    offset: usize,
) -> Option<(String, std::ops::Range<usize>)> {
    document.cells().into_iter().find_map(|cell| {
        let behind = offset > cell.code.end;
        let inside = cell.code.start <= offset
            && (!behind
                || (offset < cell.range.end
                    && document.slice(cell.code.end..offset).trim().is_empty()));
        inside.then(|| {
            let code = cell.code.start..cell.code.end.max(offset);
            (cell.language.as_str().to_owned(), code)
        })
    })
}

/// How much text around the place is looked at.
const AROUND: usize = 4 << 10;

impl Place {
    /// Looks at a byte offset of a document.
    pub fn new(document: &Document, offset: usize) -> Self {
        let length = document.rope().len_bytes();
        let before = document
            .slice(offset.saturating_sub(AROUND)..offset.min(length))
            .into_owned();
        let after = document
            .slice(offset.min(length)..(offset + AROUND).min(length))
            .into_owned();
        let cell = cell_at(document, offset.min(length));
        let shape = Shape::of(document, offset, cell.as_ref());
        Self {
            document: document.clone(),
            offset: offset.min(length),
            before,
            after,
            cell,
            shape,
        }
    }

    /// The language of the cell at the place.
    pub fn cell_language(&self) -> Option<&str> {
        self.cell.as_ref().map(|(language, _)| language.as_str())
    }

    fn inserted(&self, text: &str) -> Document {
        self.document.edited(&[TextEdit {
            range: self.offset..self.offset,
            text: text.to_owned(),
        }])
    }
}

/// The candidate and its shorter forms, the best first: without what the suffix repeats, with the brackets closed
/// that it opens, cut at the ends of lines.
fn pieces(place: &Place, text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut add = |piece: &str| {
        let piece = piece.trim_end_matches([' ', '\t', '\n', '\r']);
        if !piece.trim().is_empty() && !pieces.iter().any(|known| known == piece) {
            pieces.push(piece.to_owned());
        }
    };
    let stripped = clean::without_suffix(text, &place.after);
    add(stripped);
    if let Some(closed) = clean::closed(stripped) {
        add(&closed);
    }
    add(text);
    let mut rest = stripped;
    for _ in 0..MAX_CUTS {
        let Some(at) = rest.trim_end().rfind('\n') else {
            break;
        };
        rest = rest.get(..at).unwrap_or_default();
        add(rest);
        if let Some(closed) = clean::closed(rest) {
            add(&closed);
        }
    }
    pieces
}

#[cfg(test)]
mod tests;
