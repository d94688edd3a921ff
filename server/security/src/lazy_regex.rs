//! Regular expressions of rules, compiled when they are first asked: most rules are never reached by a script.
//!
//! They speak of ASCII: `\w`, `\s`, `\b` and `(?i)` over all of Unicode take several times as long to compile, which is much of
//! the time of a scan of a small folder. An expression that itself names other characters, or a class such as `\p{L}`, is
//! compiled for Unicode.

use std::ops::Range;
use std::sync::OnceLock;

use regex::bytes::{Captures, Regex, RegexBuilder};

/// A regular expression that is compiled on first use.
#[derive(Debug)]
pub(crate) struct LazyRegex {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl LazyRegex {
    pub(crate) fn new(text: String) -> Self {
        LazyRegex {
            text,
            compiled: OnceLock::new(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The expression; `None` when it is none, which [`LazyRegex::fault`] tells.
    fn get(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| compile(&self.text).ok())
            .as_ref()
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        self.get().is_some_and(|re| re.is_match(text.as_bytes()))
    }

    /// Every match with its groups, from left to right.
    pub(crate) fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match<'a>> + 'a {
        self.get()
            .into_iter()
            .flat_map(|re| re.captures_iter(text.as_bytes()))
            .map(move |captures| Match { text, captures })
    }

    /// What is wrong with the expression.
    pub(crate) fn fault(&self) -> Option<String> {
        compile(&self.text).err().map(|e| e.to_string())
    }
}

/// The expression for ASCII, or for Unicode where it needs that.
pub(crate) fn compile(text: &str) -> Result<Regex, regex::Error> {
    let build = |unicode| RegexBuilder::new(text).unicode(unicode).build();
    if text.is_ascii() {
        build(false).or_else(|_| build(true))
    } else {
        build(true)
    }
}

/// A match within a text.
pub(crate) struct Match<'t> {
    text: &'t str,
    captures: Captures<'t>,
}

impl<'t> Match<'t> {
    /// A group; 0 is the whole match.
    pub(crate) fn get(&self, group: usize) -> Option<Piece<'t>> {
        let found = self.captures.get(group)?;
        // A class that excludes characters matches the bytes of others one by one.
        let start = self.text.floor_char_boundary(found.start());
        let end = self.text.ceil_char_boundary(found.end());
        Some(Piece {
            text: self.text.get(start..end)?,
            start,
        })
    }
}

/// A part of a text and where it begins, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Piece<'t> {
    text: &'t str,
    start: usize,
}

impl<'t> Piece<'t> {
    pub(crate) fn as_str(&self) -> &'t str {
        self.text
    }

    pub(crate) fn start(&self) -> usize {
        self.start
    }

    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_never_ends_within_a_character() {
        let re = LazyRegex::new("=([^ ]{1,3})".to_owned());
        let found: Vec<_> = re
            .matches("a=\u{e9}\u{e9}\u{e9} b=xyz")
            .filter_map(|found| found.get(1))
            .map(|piece| (piece.as_str(), piece.range()))
            .collect();
        assert_eq!(found, [("\u{e9}\u{e9}", 2..6), ("xyz", 11..14)]);
    }

    #[test]
    fn an_expression_may_speak_of_other_letters() {
        assert!(LazyRegex::new(r"^\p{L}+$".to_owned()).is_match("\u{430}\u{431}"));
        assert!(LazyRegex::new("(?i)\u{430}".to_owned()).is_match("\u{410}"));
        assert!(LazyRegex::new("(".to_owned()).fault().is_some());
    }
}
