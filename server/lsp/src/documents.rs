//! The open documents, as the client sees them.
//!
//! This is the one place where text changes. [`Documents::open`], [`Documents::change`] and
//! [`Documents::close`] are called in the order in which messages arrive (see [`crate::ordered`]),
//! before anything awaits, so that the text is right whatever else is running. Semantic analysis
//! follows behind, from the snapshots taken here.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use metascript_analysis::project;
use metascript_syntax::position::{PositionEncoding, to_offset};
use metascript_syntax::{Document, TextEdit};
use tower_lsp_server::gen_lsp_types::{
    DidChangeTextDocumentParams, DidOpenTextDocumentParams, Range, TextDocumentContentChangeEvent,
};

use crate::convert;

/// Largest text that is parsed and analysed, in bytes. Larger documents stay in sync, but show one
/// diagnostic that says so instead of the usual help.
pub(crate) const MAX_ANALYSED_BYTES: usize = project::MAX_SCRIPT_BYTES;

/// One open document at one version. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OpenDocument {
    /// The client's version number.
    pub(crate) version: i32,
    /// Grows with every change of any document; unlike `version` it cannot be told wrong.
    pub(crate) revision: u64,
    /// Text and tree. For a document over [`MAX_ANALYSED_BYTES`] see `oversized`.
    pub(crate) document: Document,
    /// The full text when it is too large to be analysed (`document` is empty then).
    pub(crate) oversized: Option<ropey::Rope>,
}

impl OpenDocument {
    fn new(version: i32, revision: u64, text: &str) -> Self {
        if text.len() > MAX_ANALYSED_BYTES {
            Self {
                version,
                revision,
                document: Document::parse(""),
                oversized: Some(ropey::Rope::from_str(text)),
            }
        } else {
            Self {
                version,
                revision,
                document: Document::parse(text),
                oversized: None,
            }
        }
    }

    /// The text that the client has.
    pub(crate) fn text(&self) -> String {
        self.oversized
            .as_ref()
            .unwrap_or_else(|| self.document.rope())
            .to_string()
    }
}

/// What was odd about a message; told to the user once per document and kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// `didChange` or `didClose` for a document that is not open.
    NotOpen,
    /// `didOpen` for a document that is open already.
    OpenedTwice,
    /// The version went backwards or stayed the same.
    VersionBackwards,
    /// A range outside the text, or with its end before its start.
    RangeOutside,
}

impl Fault {
    /// What happened and what the server did about it.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::NotOpen => "the client changed or closed a document that is not open; ignored",
            Self::OpenedTwice => {
                "the client opened a document that was open already; the newer text is used"
            }
            Self::VersionBackwards => {
                "the client sent a version that is not newer than the last one; the change was applied in arrival order"
            }
            Self::RangeOutside => {
                "the client sent a range outside the text; it was cut to the text. If diagnostics look shifted, reopen the document"
            }
        }
    }
}

/// All open documents, by URI as the client spells it.
#[derive(Default)]
pub(crate) struct Documents {
    open: DashMap<String, OpenDocument>,
    encoding: OnceLock<PositionEncoding>,
    revision: AtomicU64,
}

impl Documents {
    fn next_revision(&self) -> u64 {
        self.revision.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Fixes the position encoding; the first call wins.
    pub(crate) fn set_encoding(&self, encoding: PositionEncoding) {
        let _ = self.encoding.set(encoding);
    }

    /// The negotiated encoding; UTF-16 until there is one.
    pub(crate) fn encoding(&self) -> PositionEncoding {
        self.encoding
            .get()
            .copied()
            .unwrap_or(PositionEncoding::Utf16)
    }

    /// A snapshot of one document.
    pub(crate) fn get(&self, uri: &str) -> Option<OpenDocument> {
        self.open.get(uri).map(|entry| entry.clone())
    }

    /// Snapshots of all documents.
    pub(crate) fn all(&self) -> Vec<(String, OpenDocument)> {
        self.open
            .iter()
            .map(|entry| (entry.key().clone(), entry.value().clone()))
            .collect()
    }

    /// Takes in a newly opened document.
    pub(crate) fn open(&self, params: DidOpenTextDocumentParams) -> Option<Fault> {
        let item = params.text_document;
        let opened = OpenDocument::new(item.version, self.next_revision(), &item.text);
        let before = self.open.insert(item.uri.0, opened);
        before.map(|_| Fault::OpenedTwice)
    }

    /// Applies one `didChange`, each of its changes to the result of the one before.
    pub(crate) fn change(&self, params: DidChangeTextDocumentParams) -> Option<Fault> {
        let uri = params.text_document.text_document_identifier.uri;
        let encoding = self.encoding();
        let Some(mut entry) = self.open.get_mut(uri.as_ref()) else {
            return Some(Fault::NotOpen);
        };
        let mut fault =
            (params.text_document.version <= entry.version).then_some(Fault::VersionBackwards);
        for change in params.content_changes {
            fault = apply(&mut entry, change, encoding).or(fault);
        }
        entry.version = params.text_document.version;
        entry.revision = self.next_revision();
        fault
    }

    /// Replaces the text of a document by one that is much the same: what they share is not parsed again.
    pub(crate) fn replace(&self, uri: &str, version: i32, text: &str) {
        let Some(mut entry) = self.open.get_mut(uri) else {
            return;
        };
        let revision = self.next_revision();
        let before = entry.text();
        if entry.oversized.is_some() || text.len() > MAX_ANALYSED_BYTES {
            *entry = OpenDocument::new(version, revision, text);
            return;
        }
        if let Some(edit) = difference(&before, text) {
            entry.document = entry.document.edited(&[edit]);
        }
        entry.version = version;
        entry.revision = revision;
    }

    /// Forgets a document. `true` when it was open.
    pub(crate) fn close(&self, uri: &str) -> bool {
        self.open.remove(uri).is_some()
    }
}

fn apply(
    open: &mut OpenDocument,
    change: TextDocumentContentChangeEvent,
    encoding: PositionEncoding,
) -> Option<Fault> {
    match change {
        TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
            *open = OpenDocument::new(open.version, open.revision, &whole.text);
            None
        }
        TextDocumentContentChangeEvent::TextDocumentContentChangePartial(partial) => {
            let rope = open
                .oversized
                .as_ref()
                .unwrap_or_else(|| open.document.rope());
            let start = to_offset(rope, convert::position_in(partial.range.start), encoding);
            let end = to_offset(rope, convert::position_in(partial.range.end), encoding);
            let outside = start > end || !fits(rope, partial.range);
            let range = start.min(end)..start.max(end);
            if let Some(rope) = &mut open.oversized {
                let chars = rope.byte_to_char(range.start)..rope.byte_to_char(range.end);
                rope.remove(chars.clone());
                rope.insert(chars.start, &partial.text);
                if rope.len_bytes() <= MAX_ANALYSED_BYTES {
                    *open = OpenDocument::new(open.version, open.revision, &rope.to_string());
                }
            } else {
                let grown = open.document.rope().len_bytes() + partial.text.len();
                open.document = open.document.edited(&[TextEdit {
                    range,
                    text: partial.text,
                }]);
                if grown > MAX_ANALYSED_BYTES {
                    let text = open.document.rope().to_string();
                    *open = OpenDocument::new(open.version, open.revision, &text);
                }
            }
            outside.then_some(Fault::RangeOutside)
        }
    }
}

/// The one edit that turns `before` into `after`: what lies between their common beginning and end.
fn difference(before: &str, after: &str) -> Option<TextEdit> {
    if before == after {
        return None;
    }
    let same = |(a, b): &(u8, u8)| a == b;
    let mut head = before.bytes().zip(after.bytes()).take_while(same).count();
    while !before.is_char_boundary(head) || !after.is_char_boundary(head) {
        head -= 1;
    }
    let shorter = before.len().min(after.len()) - head;
    let tails = before.bytes().rev().zip(after.bytes().rev());
    let mut tail = tails.take_while(same).count().min(shorter);
    while !before.is_char_boundary(before.len() - tail)
        || !after.is_char_boundary(after.len() - tail)
    {
        tail -= 1;
    }
    let text = after.get(head..after.len() - tail)?.to_owned();
    let range = head..before.len() - tail;
    Some(TextEdit { range, text })
}

/// Whether both ends name a line of the text. LSP cuts a character past the end of its line to
/// that end, so only lines can be outside; one line past the last is how clients say "to the end".
fn fits(rope: &ropey::Rope, range: Range) -> bool {
    let lines = u32::try_from(rope.len_lines()).unwrap_or(u32::MAX);
    range.start.line <= lines && range.end.line <= lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_difference_is_small_and_respects_characters() {
        for (before, after, range, text) in [
            ("abc", "abXc", 2..2, "X"),
            ("aéb", "aèb", 1..3, "è"),
            ("aaa", "aa", 2..3, ""),
            ("", "x", 0..0, "x"),
        ] {
            let edit = difference(before, after).unwrap();
            assert_eq!(
                (edit.range, edit.text.as_str()),
                (range, text),
                "{before} {after}"
            );
        }
        assert!(difference("same", "same").is_none());
    }
}
