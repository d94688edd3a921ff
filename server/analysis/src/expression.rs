//! The names that an expression in `${...}` reads.
//!
//! Expressions are a JavaScript-like subset. What matters here is which names are free: not a member after a dot, not the
//! key of an object, not the parameter of a lambda, not a word of the language. The scanner never fails: what it does not
//! understand it skips, so that a half-typed expression still answers.

use std::ops::Range;

use rustc_hash::FxHashSet;

/// A free name in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FreeName<'a> {
    pub(crate) name: &'a str,
    pub(crate) range: Range<usize>,
    /// The members that follow the name, as in `name.a.b`.
    pub(crate) path: Vec<(&'a str, Range<usize>)>,
}

/// The expressions of all `${...}` in a text, without the braces. `\${` is not one.
pub(crate) fn interpolations(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = text.get(at..).and_then(|rest| rest.find("${")) {
        let open = at + step;
        let escaped = text
            .get(..open)
            .is_some_and(|before| before.len() - before.trim_end_matches('\\').len() & 1 == 1);
        if escaped {
            at = open + 2;
            continue;
        }
        let inner = open + 2;
        let end = close_of(bytes, inner).unwrap_or(bytes.len());
        found.push(inner..end);
        at = end.max(inner);
    }
    found
}

/// What is open while an expression is scanned.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    /// Braces: of the expression, of an object, of `${` in a template.
    Brace,
    /// A template between backticks.
    Template,
}

/// Where the `}` stands that closes an expression beginning at `from`.
fn close_of(bytes: &[u8], from: usize) -> Option<usize> {
    close(bytes, from, Open::Brace)
}

/// Where the innermost thing that is open at `from` closes. One pass, whatever nests in what.
fn close(bytes: &[u8], from: usize, what: Open) -> Option<usize> {
    let mut open = vec![what];
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        let closes = match (open.last()?, byte) {
            (Open::Template, b'`') | (Open::Brace, b'}') => true,
            (Open::Template, b'$') if bytes.get(at + 1) == Some(&b'{') => {
                open.push(Open::Brace);
                at += 1;
                false
            }
            (_, b'\\') => {
                at += 1;
                false
            }
            (Open::Brace, b'{') => {
                open.push(Open::Brace);
                false
            }
            (Open::Brace, b'`') => {
                open.push(Open::Template);
                false
            }
            (Open::Brace, b'"' | b'\'') => {
                at = skip_quoted(bytes, at);
                false
            }
            _ => false,
        };
        if closes {
            open.pop();
            if open.is_empty() {
                return Some(at);
            }
        }
        at += 1;
    }
    None
}

/// The index of the quote that closes the one at `at` on the same line, or `at` itself if none does.
fn skip_quoted(bytes: &[u8], at: usize) -> usize {
    let Some(&quote) = bytes.get(at) else {
        return at;
    };
    let mut index = at + 1;
    while let Some(&byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 1,
            b'\n' => return at,
            _ if byte == quote => return index,
            _ => {}
        }
        index += 1;
    }
    at
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Text,
    Template,
    Sign,
}

#[derive(Debug, Clone)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    range: Range<usize>,
}

const WORDS: &[&str] = &[
    "true",
    "false",
    "null",
    "undefined",
    "new",
    "typeof",
    "instanceof",
    "in",
    "of",
    "let",
    "const",
    "var",
    "function",
    "return",
    "if",
    "else",
    "this",
    "await",
    "async",
    "void",
    "delete",
    "for",
    "while",
    "do",
    "switch",
    "case",
    "default",
    "break",
    "continue",
    "throw",
    "try",
    "catch",
    "finally",
    "class",
    "extends",
    "super",
    "yield",
    "and",
    "or",
    "not",
    "is",
    "then",
    "contains",
    "startsWith",
    "endsWith",
    "mod",
];

/// The free names of an expression, in order; positions are relative to it.
pub(crate) fn free_names(text: &str) -> Vec<FreeName<'_>> {
    if is_shell_default(text) {
        return Vec::new();
    }
    collect(text, 0, 0)
}

/// `NAME:-text`, `NAME:=text`: a variable of the environment with a default, as shells write it.
fn is_shell_default(text: &str) -> bool {
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let rest = text.trim_start().trim_start_matches(upper);
    rest.len() < text.trim_start().len()
        && [":-", ":=", ":?", ":+"]
            .iter()
            .any(|sign| rest.starts_with(sign))
}

/// How deep templates nest before the scanner stops looking inside.
const MAX_DEPTH: usize = 16;

fn collect(text: &str, base: usize, depth: usize) -> Vec<FreeName<'_>> {
    let tokens = tokens(text);
    let bound = bound_names(&tokens);
    let mut names = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Template if depth < MAX_DEPTH => {
                for inner in interpolations(token.text) {
                    if let Some(part) = token.text.get(inner.clone()) {
                        let free = collect(part, base + token.range.start + inner.start, depth + 1);
                        names.extend(free.into_iter().filter(|name| !bound.contains(name.name)));
                    }
                }
            }
            Kind::Name if is_free(&tokens, index) && !bound.contains(token.text) => {
                names.push(FreeName {
                    name: token.text,
                    range: base + token.range.start..base + token.range.end,
                    path: path_after(&tokens, index, base),
                });
            }
            _ => {}
        }
    }
    names
}

fn is_sign(tokens: &[Token<'_>], index: Option<usize>, sign: &str) -> bool {
    index
        .and_then(|index| tokens.get(index))
        .is_some_and(|token| token.kind == Kind::Sign && token.text == sign)
}

fn is_free(tokens: &[Token<'_>], index: usize) -> bool {
    let Some(token) = tokens.get(index) else {
        return false;
    };
    if WORDS.contains(&token.text) {
        return false;
    }
    let before = index.checked_sub(1);
    let after = Some(index + 1);
    let member = is_sign(tokens, before, ".") || is_sign(tokens, before, "?.");
    let key = is_sign(tokens, after, ":")
        && (is_sign(tokens, before, "{") || is_sign(tokens, before, ","));
    !member && !key
}

fn path_after<'a>(tokens: &[Token<'a>], index: usize, base: usize) -> Vec<(&'a str, Range<usize>)> {
    let mut path = Vec::new();
    let mut at = index + 1;
    while is_sign(tokens, Some(at), ".") || is_sign(tokens, Some(at), "?.") {
        let Some(member) = tokens.get(at + 1).filter(|token| token.kind == Kind::Name) else {
            break;
        };
        path.push((
            member.text,
            base + member.range.start..base + member.range.end,
        ));
        at += 2;
    }
    path
}

/// Parameters of lambdas and local declarations. They count for the whole expression: an expression is one line.
fn bound_names<'a>(tokens: &[Token<'a>]) -> FxHashSet<&'a str> {
    let mut bound = FxHashSet::default();
    for (index, token) in tokens.iter().enumerate() {
        let declares = token.kind == Kind::Name
            && matches!(token.text, "let" | "const" | "var" | "function" | "catch");
        if declares {
            if let Some(name) = tokens.get(index + 1).filter(|next| next.kind == Kind::Name) {
                bound.insert(name.text);
            }
            if matches!(token.text, "function" | "catch") {
                let open = (index + 1..index + 3).find(|&at| is_sign(tokens, Some(at), "("));
                bind_until(tokens, open, ")", &mut bound);
            }
        }
        if token.kind == Kind::Sign && (token.text == "=>" || token.text == "->") {
            bind_before(tokens, index, &mut bound);
        }
    }
    bound
}

fn bind_until<'a>(
    tokens: &[Token<'a>],
    open: Option<usize>,
    close: &str,
    bound: &mut FxHashSet<&'a str>,
) {
    let Some(open) = open else { return };
    for token in tokens
        .iter()
        .skip(open + 1)
        .take_while(|token| token.text != close)
    {
        if token.kind == Kind::Name {
            bound.insert(token.text);
        }
    }
}

fn bind_before<'a>(tokens: &[Token<'a>], arrow: usize, bound: &mut FxHashSet<&'a str>) {
    let Some(last) = arrow.checked_sub(1) else {
        return;
    };
    match tokens.get(last) {
        Some(token) if token.kind == Kind::Name => {
            bound.insert(token.text);
        }
        Some(token) if token.text == ")" => {
            let mut depth = 0usize;
            for token in tokens.iter().take(last + 1).rev() {
                match token.text {
                    ")" => depth += 1,
                    "(" => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    break;
                }
                if token.kind == Kind::Name {
                    bound.insert(token.text);
                }
            }
        }
        _ => {}
    }
}

/// Whether a character can start a name.
pub(crate) fn starts_name(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '$'
}

/// Whether a character can continue a name.
pub(crate) fn continues_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Whether the whole text is one name.
pub(crate) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_')
}

/// The words of a text that look like names, with their places.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = rest.next()?;
            if !(first.is_alphabetic() || first == '_') {
                // Digits glued to letters are no name.
                if first.is_numeric() {
                    while rest
                        .next_if(|&(_, c)| c.is_alphanumeric() || c == '_')
                        .is_some()
                    {}
                }
                continue;
            }
            let mut end = start + first.len_utf8();
            while let Some((at, c)) = rest.next_if(|&(_, c)| c.is_alphanumeric() || c == '_') {
                end = at + c.len_utf8();
            }
            return text.get(start..end).map(|word| (start, word));
        }
    })
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    // After one template without an end there is no use in looking for the end of the next.
    let mut templates_end = true;
    while let Some((start, c)) = chars.next() {
        let (kind, end) = if c.is_whitespace() {
            continue;
        } else if starts_name(c) {
            let mut end = start + c.len_utf8();
            while let Some((at, c)) = chars.next_if(|&(_, c)| continues_name(c)) {
                end = at + c.len_utf8();
            }
            (Kind::Name, end)
        } else if c.is_ascii_digit() {
            let mut end = start + 1;
            while let Some((at, c)) = chars.next_if(|&(_, c)| c.is_alphanumeric()) {
                end = at + c.len_utf8();
            }
            (Kind::Number, end)
        } else if matches!(c, '"' | '\'' | '`') {
            let close = if c != '`' {
                skip_quoted(text.as_bytes(), start)
            } else if templates_end {
                let found = close(text.as_bytes(), start + 1, Open::Template);
                templates_end = found.is_some();
                found.unwrap_or(start)
            } else {
                start
            };
            if close == start {
                (Kind::Sign, start + 1)
            } else {
                while chars.next_if(|&(at, _)| at <= close).is_some() {}
                (
                    if c == '`' { Kind::Template } else { Kind::Text },
                    close + 1,
                )
            }
        } else if c == '/'
            && regex_may_begin(tokens.last())
            && let Some(end) = regex_end(text, start)
        {
            while chars.next_if(|&(at, _)| at < end).is_some() {}
            (Kind::Text, end)
        } else {
            let two = text.get(start..start + 2);
            if text.get(start..start + 3) == Some("...") {
                chars.next();
                chars.next();
                (Kind::Sign, start + 3)
            } else if matches!(two, Some("=>" | "->" | "?.")) {
                chars.next();
                (Kind::Sign, start + 2)
            } else {
                (Kind::Sign, start + c.len_utf8())
            }
        };
        if let Some(text) = text.get(start..end) {
            tokens.push(Token {
                kind,
                text,
                range: start..end,
            });
        }
    }
    tokens
}

/// Whether a `/` behind this token begins a regular expression; behind a value it divides.
fn regex_may_begin(before: Option<&Token<'_>>) -> bool {
    before.is_none_or(|token| match token.kind {
        Kind::Sign => !matches!(token.text, ")" | "]" | "}"),
        Kind::Name => matches!(token.text, "return" | "typeof" | "case" | "in" | "of"),
        Kind::Number | Kind::Text | Kind::Template => false,
    })
}

/// Where the regular expression that begins at `start` ends, its flags included. Backslashes may be doubled, because the
/// expression may stand in a string.
fn regex_end(text: &str, start: usize) -> Option<usize> {
    let mut in_class = false;
    let mut escaped = false;
    for (at, c) in text.get(start + 1..)?.char_indices() {
        match c {
            '\\' => {
                escaped = true;
                continue;
            }
            '\n' => return None,
            _ if escaped => {}
            '[' => in_class = true,
            ']' => in_class = false,
            '/' if !in_class && at > 0 => {
                let behind = start + 1 + at + 1;
                let flags = text.get(behind..)?;
                let length = flags.len()
                    - flags
                        .trim_start_matches(|c: char| c.is_ascii_lowercase())
                        .len();
                return Some(behind + length);
            }
            '/' if at == 0 => return None,
            _ => {}
        }
        escaped = false;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use proptest::prelude::*;

    use super::{free_names, interpolations, words};

    fn names(text: &str) -> String {
        free_names(text)
            .iter()
            .map(|free| {
                assert_eq!(&text[free.range.clone()], free.name);
                let path: String = free
                    .path
                    .iter()
                    .map(|(member, _)| format!(".{member}"))
                    .collect();
                format!("{}{path}", free.name)
            })
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn free_names_of_expressions() {
        for (text, expected) in [
            ("x", "x"),
            ("report.title.text", "report.title.text"),
            ("items[index].name", "items index"),
            (r"t.match(/\\{[\\s\\S]*\\}/)[0]", "t.match"),
            (r"text.replace(/[^a-z]+/gi, sep)", "text.replace sep"),
            (r"/^\s*foo:/.test(line) ? a / b : c", "line a b c"),
            ("total / count / 2", "total count"),
            ("SOME_MODEL:-llama3.1", ""),
            ("JSON.parse(body).data", "JSON.parse body"),
            ("list.map(r => r.file + suffix)", "list.map suffix"),
            ("pairs.map(([k, v]) => k).join(', ')", "pairs.map"),
            ("rows.reduce((sum, row) => sum + row.n, 0)", "rows.reduce"),
            ("ok ? yes : no", "ok yes no"),
            ("{ a: x, b: y }", "x y"),
            (
                "`hello ${who} and ${list.map(x => `${x}${y}`)}`",
                "who list.map y",
            ),
            ("'quoted name' + other", "other"),
            ("!done && count >= 3", "done count"),
            ("a?.b", "a.b"),
            (
                "merge({}, state, { files: [...state.files, path] })",
                "merge state state.files path",
            ),
            ("", ""),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    fn interpolations_are_balanced() {
        let found = |text: &'static str| {
            interpolations(text)
                .into_iter()
                .map(|range| &text[range])
                .collect::<Vec<_>>()
        };
        assert_eq!(found("a ${x} b ${f({a: 1})}"), ["x", "f({a: 1})"]);
        assert_eq!(found(r"no \${x} yes ${y}"), ["y"]);
        assert_eq!(
            found("${rows.map(r => `${r.a}}`).join('}')}!"),
            ["rows.map(r => `${r.a}}`).join('}')"]
        );
        assert_eq!(found("open ${x"), ["x"]);
    }

    #[test]
    fn words_of_text() {
        assert_eq!(
            words("count > 3 && naïve_2 9x")
                .map(|(_, word)| word)
                .collect::<Vec<_>>(),
            ["count", "naïve_2"]
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,200}") {
            for range in interpolations(&text) {
                prop_assert!(text.get(range).is_some());
            }
            for free in free_names(&text) {
                prop_assert_eq!(text.get(free.range), Some(free.name));
            }
            let _ = words(&text).count();
        }
    }
}
