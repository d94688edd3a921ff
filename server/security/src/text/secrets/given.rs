//! A name that is given a value: `api_key: str = "..."`, `PASSWORD=...`, `'token' => '...'`.

use std::ops::Range;

/// Bytes of a name or an address that are looked at.
const NAME: usize = 64;

/// White space that is skipped, in bytes.
const SPACE: usize = 512;

/// Lengths of a value, in bytes: between quotes, and without them.
const QUOTED: std::ops::RangeInclusive<usize> = 6..=200;
const PLAIN: std::ops::RangeInclusive<usize> = 8..=200;

/// A value, and whether it stood between quotes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// Without the quotes, in bytes from the end of the name.
    pub(super) range: Range<usize>,
    pub(super) quoted: bool,
}

/// What a name is given by the text behind it.
pub(super) fn value(rest: &str) -> Option<Given> {
    let bytes = rest.as_bytes();
    let mut at = count(bytes, 2, is_end);
    at += count(from(bytes, at), SPACE, is_space);
    at += operator(from(bytes, at))?;
    at += count(from(bytes, at), SPACE, is_space);
    // `f"..."`, `@"..."`, `&'...'`
    let marks = count(from(bytes, at), 2, |b| b"BbRrUuFf@$".contains(&b));
    for marks in (0..=marks).rev() {
        let start = at + marks + 1;
        let Some(quote @ (b'"' | b'\'' | b'`')) = bytes.get(start - 1).copied() else {
            continue;
        };
        let len = count(from(bytes, start), QUOTED.end() + 1, |b| {
            b != quote && !is_space(b) && (b != b'\\' || quote == b'`')
        });
        let closed = bytes.get(start + len) == Some(&quote);
        return (closed && QUOTED.contains(&len)).then_some(Given {
            range: start..start + len,
            quoted: true,
        });
    }
    let len = count(from(bytes, at), *PLAIN.end(), |b| {
        b.is_ascii_alphanumeric() || b"_.+/=~!@#$%^&*-".contains(&b)
    });
    PLAIN.contains(&len).then_some(Given {
        range: at..at + len,
        quoted: false,
    })
}

/// The length of what gives a value, with the type that may stand in it.
fn operator(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b':') {
        let mut at = 1 + count(from(text, 1), SPACE, is_space);
        let kind = count(from(text, at), 12, |b| b.is_ascii_alphabetic() || b == b'&');
        at += kind;
        at += count(from(text, at), SPACE, is_space);
        if kind > 0 && text.get(at) == Some(&b'=') {
            return Some(at + 1);
        }
    }
    for long in [&b":="[..], b"=>", b"<-"] {
        if text.starts_with(long) {
            return Some(long.len());
        }
    }
    match text.first()? {
        b':' => Some(1),
        b'=' => Some(count(text, 3, |b| b == b'=')),
        _ => None,
    }
}

/// Whether the rest of a name ends, quotes and white space aside, at what may give it a value. `joints` are the characters that
/// a name has beside letters and digits.
pub(super) fn is_given(text: &str, name_end: usize, joints: &[u8]) -> bool {
    let rest = from(text.as_bytes(), name_end);
    let mut at = count(rest, NAME, |b| {
        b.is_ascii_alphanumeric() || joints.contains(&b)
    });
    at += count(from(rest, at), SPACE, is_end);
    at += count(from(rest, at), SPACE, is_space);
    matches!(rest.get(at), Some(b':' | b'=' | b'<' | b','))
}

/// What may stand between a name and what gives it a value: `config['key']`.
fn is_end(byte: u8) -> bool {
    matches!(byte, b'\'' | b'"' | b']')
}

fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

fn from(text: &[u8], at: usize) -> &[u8] {
    text.get(at..).unwrap_or_default()
}

fn count(text: &[u8], most: usize, of: impl Fn(u8) -> bool) -> usize {
    text.iter().take(most).take_while(|b| of(**b)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rest: &str) -> Option<(&str, bool)> {
        let found = value(rest)?;
        Some((rest.get(found.range)?, found.quoted))
    }

    #[test]
    fn values_are_read_as_languages_write_them() {
        for (rest, expected) in [
            (" = \"hunter2!Zx\"", Some(("hunter2!Zx", true))),
            (": str = 'hunter2!Zx'", Some(("hunter2!Zx", true))),
            (": &str = \"hunter2!Zx\";", Some(("hunter2!Zx", true))),
            ("'] = `hunter2 Zx`", None),
            ("'] = `hunter2Zx`", Some(("hunter2Zx", true))),
            ("\" => \"hunter2!Zx\"", Some(("hunter2!Zx", true))),
            (" <- \"hunter2!Zx\"", Some(("hunter2!Zx", true))),
            (" := @\"hunter2!Zx\"", Some(("hunter2!Zx", true))),
            (": rb'hunter2!Zx'", Some(("hunter2!Zx", true))),
            ("=brown4Fox!", Some(("brown4Fox!", false))),
            (": s3cr3t-v4lue\n", Some(("s3cr3t-v4lue", false))),
            (" == \"hunter2!Zx\"", Some(("hunter2!Zx", true))),
            ("=short", None),
            ("=\"open", None),
            ("(\"hunter2!Zx\")", None),
            ("", None),
        ] {
            assert_eq!(seen(rest), expected, "{rest}");
        }
    }

    #[test]
    fn a_value_that_is_too_long_is_none() {
        assert_eq!(value(&format!("=\"{}\"", "a1".repeat(101))), None);
        assert!(value(&format!("=\"{}\"", "a1".repeat(100))).is_some());
    }
}
