//! Scripts as tokens: words, numbers, signs, and line ends with their indentation. Joined again they are the text.

use std::hash::Hasher as _;
use std::ops::Range;

use rustc_hash::FxHasher;

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Equal for equal text; a line end counts by how the indentation changes, not by how deep it is.
    pub(crate) id: u32,
    start: u32,
    len: u32,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start as usize..(self.start + self.len) as usize
    }
}

/// Tokens with the block that each stands in.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    pub(crate) tokens: Vec<Token>,
    /// For every token a hash of the enclosing block's header.
    pub(crate) blocks: Vec<u32>,
    /// For every token, and for the end, a hash of what its line and the line above begin with: in a language of keys
    /// and values this says more than the words in between.
    pub(crate) lines: Vec<u32>,
}

fn hash(text: &[u8]) -> u32 {
    let mut hasher = FxHasher::default();
    hasher.write(text);
    #[allow(clippy::cast_possible_truncation)]
    let id = (hasher.finish() >> 32) as u32;
    id
}

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Word,
    Blank,
    Line,
    Sign,
}

fn class(c: char) -> Class {
    match c {
        '\n' | '\r' => Class::Line,
        ' ' | '\t' => Class::Blank,
        _ if c.is_alphanumeric() || c == '_' => Class::Word,
        _ => Class::Sign,
    }
}

/// The id of a line end after which the indentation changes by so many columns.
fn line_id(change: i64) -> u32 {
    hash(&[b"\n".as_slice(), &change.signum().to_le_bytes()].concat())
}

/// Splits a text.
#[allow(clippy::cast_possible_truncation)]
pub(crate) fn tokenize(text: &str) -> Tokens {
    let mut tokens = Tokens::default();
    let mut indentation = 0_i64;
    let mut headers: Vec<u32> = Vec::new();
    let mut header = 0_u32;
    let mut quoted = false;
    let (mut key, mut key_above) = (0_u32, 0_u32);
    let around = |key: u32, above: u32| key.rotate_left(16) ^ above.wrapping_mul(0x9E37_79B1);
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let kind = class(c);
        let rest = text.get(at..).unwrap_or_default();
        let len = match kind {
            Class::Sign => c.len_utf8(),
            Class::Line => rest
                .find(|c| !matches!(class(c), Class::Line | Class::Blank))
                .unwrap_or(rest.len()),
            _ => rest.find(|c| class(c) != kind).unwrap_or(rest.len()),
        };
        let piece = rest.get(..len).unwrap_or_default();
        let id = if kind == Class::Line {
            let columns = piece
                .rsplit('\n')
                .next()
                .unwrap_or_default()
                .chars()
                .count();
            let columns = i64::try_from(columns).unwrap_or(0);
            let change = columns - indentation;
            indentation = columns;
            quoted = false;
            header = 0;
            // A blank line is a token of its own kind.
            if piece.matches('\n').count() > 1 {
                line_id(change).wrapping_add(1)
            } else {
                line_id(change)
            }
        } else {
            hash(piece.as_bytes())
        };
        match piece {
            "\"" => quoted = !quoted,
            "{" if !quoted => headers.push(header),
            "}" if !quoted => drop(headers.pop()),
            _ if kind == Class::Word && header == 0 && !quoted => header = id,
            _ => {}
        }
        tokens.lines.push(around(key, key_above));
        if kind == Class::Line {
            if key != 0 {
                key_above = key;
            }
            key = 0;
        } else if key == 0 && kind != Class::Blank {
            key = id;
        }
        tokens.tokens.push(Token {
            id,
            start: at as u32,
            len: len as u32,
        });
        tokens.blocks.push(headers.last().copied().unwrap_or(0));
        at += len;
    }
    tokens.lines.push(around(key, key_above));
    tokens
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_lines_at_different_depths_are_equal_tokens() {
        let ids = |text: &str| {
            tokenize(text)
                .tokens
                .iter()
                .map(|token| token.id)
                .collect::<Vec<_>>()
        };
        let (shallow, deep) = (
            ids("a {\n  b: 1\n  c: 2\n"),
            ids("a {\n        b: 1\n        c: 2\n"),
        );
        assert_eq!(shallow, deep);
        assert_ne!(ids("a\nb"), ids("a\n  b"));
    }

    #[test]
    fn blocks_are_known_by_their_header() {
        let tokens = tokenize("ACTION x {\n    a: \"}\"\n}\nb");
        let text = "ACTION x {\n    a: \"}\"\n}\nb";
        let block = |needle: &str| {
            let at = text.find(needle).unwrap();
            let index = tokens
                .tokens
                .iter()
                .position(|token| token.range().start == at)
                .unwrap();
            tokens.blocks[index]
        };
        assert_eq!(block("a:"), hash(b"ACTION"));
        assert_eq!(block("b"), 0);
    }

    proptest! {
        #[test]
        fn joined_again_they_are_the_text(text in "\\PC{0,80}|[a-z {}\"\n\r\t]{0,80}") {
            let joined: String = tokenize(&text).tokens.iter().map(|token| &text[token.range()]).collect();
            prop_assert_eq!(joined, text);
        }
    }
}
