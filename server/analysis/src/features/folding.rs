//! What can be folded: blocks, cells, lists, objects, comments, text.

use std::ops::Range;

use crate::db::{Piece, groups, pieces};
use crate::host::Analysis;
use crate::ir::{Chunk, Item, Span, Value, ValueKind};
use crate::{Cancellable, FileId};

/// A part that can be folded away. It spans more than one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// In bytes; the first line stays visible.
    pub range: Range<usize>,
    /// What it is.
    pub kind: FoldKind,
}

/// What can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FoldKind {
    /// A block.
    Block,
    /// A code cell.
    Cell,
    /// Comments in a row.
    Comment,
    /// A list or an object.
    Array,
    /// Text over several lines.
    Text,
}

impl Analysis {
    /// What can be folded in a file, in order.
    pub fn folding_ranges(&self, file: FileId) -> Cancellable<Vec<Fold>> {
        self.about(file, |ctx| {
            let mut folds = Vec::new();
            let mut comments: Option<Range<usize>> = None;
            for (start, group) in groups(ctx.db, ctx.file) {
                for (offset, piece) in pieces(ctx.db, *group) {
                    let base = start + *offset as usize;
                    let chunk = piece.chunk(ctx.db);
                    if let Item::Comment(span) = chunk.item {
                        let range = span.at(base);
                        comments =
                            Some(comments.map_or(range.clone(), |before| before.start..range.end));
                        continue;
                    }
                    folds.extend(comment_fold(ctx.document(), comments.take()));
                    folds.extend(piece_folds(ctx.db, *piece).iter().map(|(span, kind)| Fold {
                        range: span.at(base),
                        kind: *kind,
                    }));
                }
            }
            folds.extend(comment_fold(ctx.document(), comments.take()));
            folds
        })
    }
}

fn comment_fold(
    document: &metascript_syntax::Document,
    range: Option<Range<usize>>,
) -> Option<Fold> {
    let range = range?;
    let rope = document.rope();
    let line = |offset: usize| rope.byte_to_line(offset.min(rope.len_bytes()));
    (line(range.start) < line(range.end.saturating_sub(1))).then_some(Fold {
        range,
        kind: FoldKind::Comment,
    })
}

/// What can be folded in one chunk, relative to it.
#[salsa::tracked(returns(ref))]
fn piece_folds<'db>(db: &'db dyn salsa::Database, piece: Piece<'db>) -> Vec<(Span, FoldKind)> {
    let chunk = piece.chunk(db);
    let mut folds = Vec::new();
    item_folds(chunk, &chunk.item, &mut folds);
    folds.retain(|(span, _)| chunk.slice(*span).trim_end().contains('\n'));
    folds
}

fn item_folds(chunk: &Chunk, item: &Item, folds: &mut Vec<(Span, FoldKind)>) {
    match item {
        Item::Block(block) => {
            folds.push((block.span, FoldKind::Block));
            let mut comments: Option<Span> = None;
            for item in &block.items {
                if let Item::Comment(span) = item {
                    comments = Some(comments.map_or(*span, |before| Span {
                        start: before.start,
                        end: span.end,
                    }));
                    continue;
                }
                folds.extend(comments.take().map(|span| (span, FoldKind::Comment)));
                item_folds(chunk, item, folds);
            }
            folds.extend(comments.map(|span| (span, FoldKind::Comment)));
        }
        Item::Cell(cell) => folds.push((cell.span, FoldKind::Cell)),
        Item::Property(property) => property
            .value
            .iter()
            .for_each(|value| value_folds(chunk, value, folds)),
        Item::Value(value) => value_folds(chunk, value, folds),
        Item::Text { span, .. } => folds.push((*span, FoldKind::Text)),
        Item::Command { span, .. } => folds.push((*span, FoldKind::Block)),
        Item::Edge(_) | Item::Comment(_) | Item::Broken(_) => {}
    }
}

fn value_folds(chunk: &Chunk, value: &Value, folds: &mut Vec<(Span, FoldKind)>) {
    match &value.kind {
        ValueKind::Object(items) => {
            folds.push((value.span, FoldKind::Array));
            items.iter().for_each(|item| item_folds(chunk, item, folds));
        }
        ValueKind::Array(values) => {
            folds.push((value.span, FoldKind::Array));
            values
                .iter()
                .for_each(|value| value_folds(chunk, value, folds));
        }
        ValueKind::Many(values) => values
            .iter()
            .for_each(|value| value_folds(chunk, value, folds)),
        ValueKind::Text { .. } => folds.push((value.span, FoldKind::Text)),
        _ => {}
    }
}
