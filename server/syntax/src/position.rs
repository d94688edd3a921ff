//! Positions as editors count them (line and character), and their byte offsets.

use ropey::Rope;

/// The unit in which [`Position::character`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PositionEncoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units: a character outside the basic plane counts two.
    Utf16,
    /// Unicode scalar values.
    Utf32,
}

/// A place in a text. Lines end at `\n`, `\r\n` and a lone `\r`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Zero-based line.
    pub line: u32,
    /// Zero-based distance from the start of the line, in units of the encoding.
    pub character: u32,
}

/// The byte offset of a position. A character beyond the line's end means the line's end, a line beyond the
/// last one the text's end; a position inside a character means its start.
pub fn to_offset(rope: &Rope, position: Position, encoding: PositionEncoding) -> usize {
    let line = position.line as usize;
    if line >= rope.len_lines() {
        return rope.len_bytes();
    }
    let start = rope.line_to_byte(line);
    let end = line_end(rope, line);
    let units = position.character as usize;
    match encoding {
        PositionEncoding::Utf8 => {
            let offset = start.saturating_add(units).min(end);
            rope.char_to_byte(rope.byte_to_char(offset))
        }
        PositionEncoding::Utf16 => {
            let first = rope.char_to_utf16_cu(rope.byte_to_char(start));
            let wanted = first.saturating_add(units).min(rope.len_utf16_cu());
            rope.char_to_byte(rope.utf16_cu_to_char(wanted)).min(end)
        }
        PositionEncoding::Utf32 => {
            let wanted = rope
                .byte_to_char(start)
                .saturating_add(units)
                .min(rope.len_chars());
            rope.char_to_byte(wanted).min(end)
        }
    }
}

/// The position of a byte offset, which is clamped to the text and to the start of a character.
pub fn to_position(rope: &Rope, offset: usize, encoding: PositionEncoding) -> Position {
    let offset = offset.min(rope.len_bytes());
    let char = rope.byte_to_char(offset);
    let line = rope.char_to_line(char);
    let first = rope.line_to_char(line);
    let character = match encoding {
        PositionEncoding::Utf8 => rope.char_to_byte(char) - rope.char_to_byte(first),
        PositionEncoding::Utf16 => rope.char_to_utf16_cu(char) - rope.char_to_utf16_cu(first),
        PositionEncoding::Utf32 => char - first,
    };
    Position {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        character: u32::try_from(character).unwrap_or(u32::MAX),
    }
}

/// The byte offset of the end of a line, without its line break.
fn line_end(rope: &Rope, line: usize) -> usize {
    if line + 1 >= rope.len_lines() {
        return rope.len_bytes();
    }
    let next = rope.line_to_byte(line + 1);
    let start = rope.line_to_byte(line);
    let mut end = next;
    if end > start && rope.byte(end - 1) == b'\n' {
        end -= 1;
    }
    if end > start && rope.byte(end - 1) == b'\r' {
        end -= 1;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use PositionEncoding::{Utf8, Utf16, Utf32};

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn characters_count_by_their_encoding() {
        let rope = Rope::from_str("a🎉é\nz");
        for (encoding, character) in [(Utf8, 7), (Utf16, 4), (Utf32, 3)] {
            assert_eq!(to_offset(&rope, at(0, character), encoding), 7);
            assert_eq!(to_position(&rope, 7, encoding), at(0, character));
        }
        assert_eq!(to_offset(&rope, at(1, 1), Utf16), 9);
    }

    #[test]
    fn a_position_inside_a_character_means_its_start() {
        let rope = Rope::from_str("🎉x");
        assert_eq!(to_offset(&rope, at(0, 1), Utf16), 0);
        assert_eq!(to_offset(&rope, at(0, 2), Utf8), 0);
        assert_eq!(to_position(&rope, 2, Utf16), at(0, 0));
    }

    #[test]
    fn positions_outside_the_text_are_clamped() {
        let rope = Rope::from_str("ab\r\ncd\re");
        assert_eq!(to_offset(&rope, at(0, 99), Utf16), 2);
        assert_eq!(to_offset(&rope, at(1, 99), Utf8), 6);
        assert_eq!(to_offset(&rope, at(2, 9), Utf32), 8);
        assert_eq!(to_offset(&rope, at(9, 0), Utf16), 8);
        assert_eq!(to_offset(&rope, at(0, u32::MAX), Utf16), 2);
        assert_eq!(to_position(&rope, 99, Utf16), at(2, 1));
    }
}
