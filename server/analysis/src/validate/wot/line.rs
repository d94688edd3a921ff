//! The lines of a workflow, and the shapes that they may have.

use std::ops::Range;

/// A part of a line, trimmed, with its place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

/// The lines of a text, without the white space around them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |raw| {
        let line = Line { text: raw, start }.trim();
        start += raw.len();
        line
    })
}

impl<'a> Line<'a> {
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    pub(super) fn trim(self) -> Line<'a> {
        let lead = self.text.len() - self.text.trim_start().len();
        Line {
            text: self.text.trim(),
            start: self.start + lead,
        }
    }

    /// The part from a byte on, trimmed.
    fn from(self, at: usize) -> Line<'a> {
        Line {
            text: self.text.get(at..).unwrap_or_default(),
            start: self.start + at.min(self.text.len()),
        }
        .trim()
    }

    fn until(self, at: usize) -> Line<'a> {
        Line {
            text: self.text.get(..at).unwrap_or(self.text),
            start: self.start,
        }
        .trim()
    }

    /// The letters that the line starts with.
    pub(super) fn first_word(self) -> &'a str {
        let end = self
            .text
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(self.text.len());
        self.text.get(..end).unwrap_or_default()
    }

    /// `key = value`, both trimmed; the value is not empty.
    pub(super) fn key_value(self) -> Option<(Line<'a>, Line<'a>)> {
        let key = self.first_word();
        if key.is_empty() {
            return None;
        }
        let rest = self.from(key.len());
        let value = rest.text.strip_prefix('=').map(|_| rest.from(1))?;
        (!value.text.is_empty()).then_some((self.until(key.len()), value))
    }

    /// Without the quotes around it.
    pub(super) fn unquoted(self) -> Line<'a> {
        let quoted = ['"', '\''].iter().any(|&quote| {
            self.text.len() >= 2 && self.text.starts_with(quote) && self.text.ends_with(quote)
        });
        if quoted {
            Line {
                text: self.text.get(1..self.text.len() - 1).unwrap_or_default(),
                start: self.start + 1,
            }
        } else {
            self
        }
    }

    /// The parts between separators that stand outside quotes, trimmed.
    pub(super) fn split(self, separators: &[char]) -> impl Iterator<Item = Line<'a>> {
        let mut parts = Vec::new();
        let mut quoted = false;
        let mut from = 0;
        for (at, c) in self.text.char_indices() {
            if c == '"' {
                quoted = !quoted;
            } else if !quoted && separators.contains(&c) {
                parts.push(from..at);
                from = at + c.len_utf8();
            }
        }
        parts.push(from..self.text.len());
        parts.into_iter().map(move |range| {
            let start = self.start + range.start;
            Line {
                text: self.text.get(range).unwrap_or_default(),
                start,
            }
            .trim()
        })
    }

    /// The elements of `["a", "b"]` or `["a"; "b"]`, without quotes; nothing if it is no list.
    pub(super) fn list(self) -> impl Iterator<Item = Line<'a>> {
        let inner = self
            .text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or_default();
        Line {
            text: inner,
            start: self.start + 1,
        }
        .split(&[',', ';'])
        .map(Line::unquoted)
        .filter(|item| !item.text.is_empty())
    }
}

/// `node id [kind="..." [agent="..."]] {`, taken apart.
pub(super) struct NodeHeader<'a> {
    pub(super) id: (&'a str, Range<usize>),
    pub(super) kind: Option<(&'a str, Range<usize>)>,
}

/// The id of a node header, even if the rest is wrong.
pub(super) fn node_id(line: Line<'_>) -> Option<(&str, Range<usize>)> {
    word(line.from("node".len())).map(|(id, _)| id)
}

/// The header of a node, up to its brace, and what stands behind the brace on the same line.
pub(super) fn split_header(line: Line<'_>) -> (Line<'_>, Line<'_>) {
    let mut quoted = false;
    let brace = line.text.char_indices().find(|&(_, c)| {
        quoted ^= c == '"';
        c == '{' && !quoted
    });
    match brace {
        Some((at, _)) => (line.until(at + 1), line.from(at + 1)),
        None => (line, line.from(line.text.len())),
    }
}

/// Takes a node header apart; the error says what is wrong, and where.
pub(super) fn node_header(line: Line<'_>) -> Result<NodeHeader<'_>, (Range<usize>, String)> {
    let shape = "expected `node id kind=\"reason|work\" agent=\"name\" {`, with `kind` and `agent` optional and in this order";
    if !line
        .text
        .get("node".len()..)
        .is_some_and(|rest| rest.starts_with(char::is_whitespace))
    {
        return Err((line.range(), "a space is missing after `node`".to_owned()));
    }
    let (id, mut rest) =
        word(line.from("node".len())).ok_or_else(|| (line.range(), shape.to_owned()))?;
    let mut kind = None;
    for attribute in ["kind", "agent"] {
        let Some(after) = rest.text.strip_prefix(attribute) else {
            continue;
        };
        let value = rest.from(rest.text.len() - after.len());
        if !value.text.starts_with('=') {
            return Err((rest.range(), shape.to_owned()));
        }
        let (found, next) = word(value.from(1)).ok_or_else(|| (rest.range(), shape.to_owned()))?;
        if attribute == "kind" {
            kind = Some(found);
        } else if kind.is_none() {
            return Err((rest.range(), "`agent` needs `kind` before it".to_owned()));
        }
        rest = next;
    }
    if rest.text == "{" {
        Ok(NodeHeader { id, kind })
    } else {
        Err((rest.range(), shape.to_owned()))
    }
}

/// `edge a -> b`, taken apart.
pub(super) fn edge(line: Line<'_>) -> Option<[(&str, Range<usize>); 2]> {
    let rest = line.text.get("edge".len()..)?;
    if !rest.starts_with(char::is_whitespace) {
        return None;
    }
    let arrow = line.text.find("->")?;
    let (from, between) = word(line.until(arrow).from("edge".len()))?;
    let (to, after) = word(line.from(arrow + 2))?;
    (between.text.is_empty() && (after.text.is_empty() || after.text.starts_with("//")))
        .then_some([from, to])
}

/// A name, quoted or not, and what follows it.
fn word(line: Line<'_>) -> Option<((&str, Range<usize>), Line<'_>)> {
    if let Some(rest) = line.text.strip_prefix('"') {
        let end = rest.find('"')?;
        let inner = rest
            .get(..end)
            .filter(|inner| !inner.is_empty() && !inner.contains(char::is_whitespace))?;
        let start = line.start + 1;
        return Some(((inner, start..start + end), line.from(end + 2)));
    }
    let end = line
        .text
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '{' | '}' | '='))
        .unwrap_or(line.text.len());
    let inner = line.text.get(..end).filter(|inner| !inner.is_empty())?;
    Some(((inner, line.start..line.start + end), line.from(end)))
}

/// Whether a text is `"key": "value"` with neither empty.
pub(super) fn is_pair(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(5, '"').collect();
    matches!(parts.as_slice(), [_, key, between, value, _] if !key.is_empty() && !value.is_empty() && between.trim() == ":")
}

/// The value of `"name": "value"` anywhere in a line, and its place; not if it is empty.
pub(super) fn quoted_field<'a>(line: Line<'a>, name: &str) -> Option<(&'a str, Range<usize>)> {
    let needle = format!("\"{name}\"");
    for (at, _) in line.text.match_indices(&needle) {
        let rest = line.from(at + needle.len());
        let Some(after) = rest.text.strip_prefix(':') else {
            continue;
        };
        let value = rest.from(rest.text.len() - after.len());
        if let Some(body) = value.text.strip_prefix('"')
            && let Some(end) = body.find('"')
            && end > 0
        {
            let start = value.start + 1;
            return body.get(..end).map(|text| (text, start..start + end));
        }
    }
    None
}
