//! Regular expressions of rules, compiled when they are first asked: most rules are never reached by a script.
//!
//! An expression that has read little is one of `regex-lite`, which compiles ten times as fast as it reads slowly; one that has
//! read more than [`LITTLE`] is compiled for speed. Compiling was otherwise a third of the time of a scan of a small folder.
//!
//! They speak of ASCII: `\w`, `\s`, `\b` and `(?i)` over all of Unicode take several times as long to compile. An expression
//! that itself names other characters, or a class such as `\p{L}`, is compiled for Unicode.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::needs::{self, Need};

/// Bytes that an expression reads before it is worth compiling for speed.
const LITTLE: usize = 4096;

/// A regular expression that is compiled on first use.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct LazyRegex {
    text: String,
    need: OnceLock<Option<&'static Need>>,
    light: OnceLock<Option<regex_lite::Regex>>,
    swift: OnceLock<Option<Regex>>,
    read: AtomicUsize,
}

impl From<String> for LazyRegex {
    fn from(text: String) -> Self {
        LazyRegex::new(text)
    }
}

/// The two forms of an expression. On texts of ASCII they find the same.
enum Form<'r> {
    Light(&'r regex_lite::Regex),
    Swift(&'r Regex),
}

impl LazyRegex {
    pub(crate) fn new(text: String) -> Self {
        LazyRegex {
            text,
            need: OnceLock::new(),
            light: OnceLock::new(),
            swift: OnceLock::new(),
            read: AtomicUsize::new(0),
        }
    }

    /// The form to search a text with; `None` when the text lacks what every match has, or when the expression is none, which
    /// [`LazyRegex::fault`] tells.
    fn form(&self, text: &str) -> Option<Form<'_>> {
        let need = self.need.get_or_init(|| needs::of(&self.text));
        if need.is_some_and(|need| !need.met(text)) {
            return None;
        }
        let before = self.read.fetch_add(text.len(), Ordering::Relaxed);
        if before.saturating_add(text.len()) <= LITTLE && text.is_ascii() && self.text.is_ascii() {
            let light = self
                .light
                .get_or_init(|| regex_lite::Regex::new(&self.text).ok());
            if let Some(light) = light {
                return Some(Form::Light(light));
            }
        }
        self.swift
            .get_or_init(|| compile(&self.text).ok())
            .as_ref()
            .map(Form::Swift)
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self.form(text) {
            Some(Form::Light(re)) => re.is_match(text),
            Some(Form::Swift(re)) => re.is_match(text.as_bytes()),
            None => false,
        }
    }

    /// Every match with its groups, from left to right.
    pub(crate) fn matches<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Match<'a>> + 'a {
        let (light, swift) = match self.form(text) {
            Some(Form::Light(re)) => (Some(re), None),
            Some(Form::Swift(re)) => (None, Some(re)),
            None => (None, None),
        };
        let light = light.into_iter().flat_map(|re| re.captures_iter(text));
        let swift = swift
            .into_iter()
            .flat_map(|re| re.captures_iter(text.as_bytes()));
        let groups = light.map(Groups::Light).chain(swift.map(Groups::Swift));
        groups.map(move |groups| Match { text, groups })
    }

    /// What is wrong with the expression.
    pub(crate) fn fault(&self) -> Option<String> {
        compile(&self.text).err().map(|e| e.to_string())
    }
}

/// The expression for ASCII, or for Unicode where it needs that.
fn compile(text: &str) -> Result<Regex, regex::Error> {
    let build = |unicode| RegexBuilder::new(text).unicode(unicode).build();
    if text.is_ascii() {
        build(false).or_else(|_| build(true))
    } else {
        build(true)
    }
}

/// What the groups of a match stand for.
enum Groups<'t> {
    Light(regex_lite::Captures<'t>),
    Swift(regex::bytes::Captures<'t>),
}

impl Groups<'_> {
    fn range(&self, group: usize) -> Option<Range<usize>> {
        match self {
            Groups::Light(found) => found.get(group).map(|it| it.range()),
            Groups::Swift(found) => found.get(group).map(|it| it.range()),
        }
    }
}

/// A match within a text.
pub(crate) struct Match<'t> {
    text: &'t str,
    groups: Groups<'t>,
}

impl<'t> Match<'t> {
    /// A group; 0 is the whole match.
    pub(crate) fn get(&self, group: usize) -> Option<Piece<'t>> {
        let found = self.groups.range(group)?;
        // A class that excludes characters matches the bytes of others one by one.
        let start = self.text.floor_char_boundary(found.start);
        let end = self.text.ceil_char_boundary(found.end);
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
            .map(|piece| (piece.as_str(), piece.start()..piece.end()))
            .collect();
        assert_eq!(found, [("\u{e9}\u{e9}", 2..6), ("xyz", 11..14)]);
    }

    #[test]
    fn an_expression_may_speak_of_other_letters() {
        assert!(LazyRegex::new(r"^\p{L}+$".to_owned()).is_match("\u{430}\u{431}"));
        assert!(LazyRegex::new("(?i)\u{430}".to_owned()).is_match("\u{410}"));
        assert!(LazyRegex::new("(".to_owned()).fault().is_some());
    }

    #[test]
    fn an_expression_finds_the_same_however_much_it_has_read() {
        let patterns = [
            r#"(?i)([a-z_]{0,9}(?:key|token))\s*[:=]\s*["']?([A-Za-z0-9+/]{4,20})"#,
            r"\b(?:a|ab)(c|bcd)?\b",
            r"(?m)^\s*(\w+)\W*$",
            r"(?s)<!--.*?-->|x{2,3}",
        ];
        let text = "API_Key = 'abcd1234'; abcd ac ab\n  word ;\ntoken:zzzz <!-- a\nb --> xxxxx";
        for pattern in patterns {
            let re = LazyRegex::new(pattern.to_owned());
            let found = || -> Vec<_> {
                re.matches(text)
                    .map(|m| {
                        (0..3)
                            .map(|k| m.get(k).map(|p| p.start()..p.end()))
                            .collect::<Vec<_>>()
                    })
                    .collect()
            };
            let early = found();
            assert!(!early.is_empty(), "{pattern}");
            assert!(re.swift.get().is_none(), "{pattern}");
            while re.swift.get().is_none() {
                assert_eq!(found(), early, "{pattern}");
            }
            assert_eq!(found(), early, "{pattern}");
        }
    }
}
