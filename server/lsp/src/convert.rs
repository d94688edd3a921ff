//! Between LSP's types and our own.

use metascript_syntax::position::{self, PositionEncoding};
use ropey::Rope;
use tower_lsp_server::gen_lsp_types::{Position, Range};

/// A position from the wire.
pub(crate) fn position_in(position: Position) -> position::Position {
    position::Position {
        line: position.line,
        character: position.character,
    }
}

/// The byte offset that a position from the wire names, cut to the text.
pub(crate) fn offset(rope: &Rope, at: Position, encoding: PositionEncoding) -> usize {
    position::to_offset(rope, position_in(at), encoding)
}

/// A position for the wire.
pub(crate) fn position(rope: &Rope, offset: usize, encoding: PositionEncoding) -> Position {
    let at = position::to_position(rope, offset, encoding);
    Position {
        line: at.line,
        character: at.character,
    }
}

/// A range for the wire, from byte offsets.
pub(crate) fn range(
    rope: &Rope,
    bytes: &std::ops::Range<usize>,
    encoding: PositionEncoding,
) -> Range {
    Range {
        start: position(rope, bytes.start, encoding),
        end: position(rope, bytes.end, encoding),
    }
}
