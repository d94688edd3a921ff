//! Comments that silence a diagnostic: `// metascript: ignore MS0301 because the host sets it`.
//!
//! A comment on a line of its own speaks for the item after it, one at the end of a line for that line. A comment without
//! a reason silences nothing and is reported.

use std::ops::Range;

use smol_str::SmolStr;

use crate::db::Piece;
use crate::ir::{Chunk, Item, Span, Value, ValueKind};

/// One comment that silences something. Positions are relative to its chunk, or its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Suppression {
    pub(crate) comment: Span,
    /// Codes or titles, with their places.
    pub(crate) codes: Vec<(SmolStr, Span)>,
    pub(crate) reason: bool,
    /// What it speaks for; `None`: the item after the comment, in the next chunk.
    pub(crate) target: Option<Span>,
}

impl Suppression {
    pub(crate) fn shifted(&self, by: u32) -> Suppression {
        let shift = |span: Span| span.shifted(by);
        Suppression {
            comment: shift(self.comment),
            codes: self
                .codes
                .iter()
                .map(|(code, span)| (code.clone(), shift(*span)))
                .collect(),
            reason: self.reason,
            target: self.target.map(shift),
        }
    }
}

const MARK: &str = "metascript: ignore";

/// The suppressions of a piece.
#[salsa::tracked(returns(ref))]
pub(crate) fn piece_suppressions<'db>(
    db: &'db dyn salsa::Database,
    piece: Piece<'db>,
) -> Vec<Suppression> {
    let chunk = piece.chunk(db);
    let mut found = Vec::new();
    if chunk.text.contains(MARK) {
        items(chunk, std::slice::from_ref(&chunk.item), &mut found);
    }
    found
}

fn items(chunk: &Chunk, list: &[Item], found: &mut Vec<Suppression>) {
    for (index, item) in list.iter().enumerate() {
        match item {
            Item::Comment(span) => {
                let next = list
                    .get(index + 1..)
                    .unwrap_or_default()
                    .iter()
                    .find(|item| !matches!(item, Item::Comment(_)))
                    .map(Item::span);
                found.extend(read(chunk, *span, next));
            }
            Item::Block(block) => items(chunk, &block.items, found),
            Item::Property(property) => property
                .value
                .iter()
                .for_each(|value| values(chunk, value, found)),
            Item::Value(value) => values(chunk, value, found),
            _ => {}
        }
    }
}

fn values(chunk: &Chunk, value: &Value, found: &mut Vec<Suppression>) {
    match &value.kind {
        ValueKind::Object(list) => items(chunk, list, found),
        ValueKind::Array(list) | ValueKind::Many(list) => {
            list.iter().for_each(|value| values(chunk, value, found));
        }
        _ => {}
    }
}

fn read(chunk: &Chunk, comment: Span, next: Option<Span>) -> Option<Suppression> {
    let text = chunk.slice(comment);
    let after = text.find(MARK)? + MARK.len();
    let mut at = comment.start as usize + after;
    let mut codes = Vec::new();
    let mut reason = false;
    for word in text.get(after..)?.split_inclusive([' ', '\t', ',']) {
        let name = word.trim_matches([' ', '\t', ',', ':']);
        let start = at + (word.len() - word.trim_start_matches([' ', '\t', ',', ':']).len());
        at += word.len();
        if name.is_empty() {
            continue;
        }
        let looks_like_code = name.starts_with("MS")
            && name.len() > 2
            && name.bytes().skip(2).all(|byte| byte.is_ascii_digit());
        if looks_like_code || crate::diagnostic::code(name).is_some() {
            codes.push((SmolStr::new(name), Span::new(start, start + name.len())));
        } else {
            // Everything from the first other word on is the reason; the closing of a comment is none.
            reason = name.chars().any(char::is_alphanumeric);
            break;
        }
    }
    let before = chunk.text.get(..comment.start as usize)?;
    let line: Range<usize> = before.rfind('\n').map_or(0, |at| at + 1)..before.len();
    let trailing = before
        .get(line.clone())
        .is_some_and(|line| !line.trim().is_empty());
    let target = if trailing {
        Some(Span::new(line.start, line.end))
    } else {
        next
    };
    Some(Suppression {
        comment,
        codes,
        reason,
        target,
    })
}
