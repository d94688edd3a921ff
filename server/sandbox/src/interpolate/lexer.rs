//! Where code ends and texts and comments begin. No parser is needed for that, and none could be: a cell with `${...}` in
//! it is no code of its language yet.

use std::ops::Range;

use crate::Language;

use super::script_of;

/// How a literal holds its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quote {
    /// With backslashes.
    Escaped,
    /// `@"..."` of F#, where a quote is doubled.
    Verbatim,
    /// Nothing can be escaped.
    Raw,
}

/// A string literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) language: Language,
    pub(crate) quote: Quote,
    /// Whether a backslash escapes.
    pub(crate) escapes: bool,
    pub(crate) is_bytes: bool,
    /// The text is a format of `printf`, where `%` means something.
    pub(crate) is_format: bool,
    /// It may go over several lines.
    pub(crate) many_lines: bool,
}

/// Deepest nesting of literals within the expressions of literals.
const MAX_DEPTH: usize = 50;

/// Macros of Rust whose text is a format with `{name}` of its own.
const RUST_FORMATS: [&str; 19] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "write",
    "writeln",
    "panic",
    "todo",
    "unimplemented",
    "unreachable",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
];

/// Functions of F# whose text is a format.
const FSHARP_FORMATS: [&str; 12] = [
    "printf",
    "printfn",
    "eprintf",
    "eprintfn",
    "sprintf",
    "failwithf",
    "fprintf",
    "fprintfn",
    "bprintf",
    "kprintf",
    "ksprintf",
    "kbprintf",
];

/// Spans of a cell in which `${...}` is ours: code, and string literals that do not interpolate by themselves.
pub(super) fn open_spans(language: Language, code: &str) -> Vec<(Range<usize>, Option<Text>)> {
    let mut lexer = Lexer {
        language: script_of(language),
        code,
        bytes: code.as_bytes(),
        at: 0,
        spans: Vec::new(),
        code_from: 0,
        brackets: Vec::new(),
    };
    lexer.run();
    lexer.spans
}

struct Lexer<'a> {
    language: Language,
    code: &'a str,
    bytes: &'a [u8],
    at: usize,
    spans: Vec<(Range<usize>, Option<Text>)>,
    code_from: usize,
    /// Open brackets; whether each is that of a macro whose text is a format.
    brackets: Vec<bool>,
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn starts(&self, text: &str) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    fn is_over(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn run(&mut self) {
        while !self.is_over() {
            self.step();
        }
        self.close_code(self.bytes.len());
    }

    fn close_code(&mut self, end: usize) {
        let end = end.min(self.bytes.len());
        if self.code_from < end {
            self.spans.push((self.code_from..end, None));
        }
    }

    /// Something that is not code, skipped by `skip`.
    fn aside(&mut self, skip: impl FnOnce(&mut Self)) {
        self.close_code(self.at);
        skip(self);
        self.at = self.at.min(self.bytes.len());
        self.code_from = self.at;
    }

    /// The word that ends before a place.
    fn word_before(&self, end: usize) -> &str {
        let before = self.code.get(..end).unwrap_or_default();
        let start = before
            .rfind(|one: char| !one.is_alphanumeric() && one != '_')
            .map_or(0, |at| {
                at + before
                    .get(at..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(1, char::len_utf8)
            });
        before.get(start..).unwrap_or_default()
    }

    /// The last byte before the place that is no blank.
    fn sign_before(&self, end: usize) -> (usize, u8) {
        let mut at = end;
        while at > 0 {
            at -= 1;
            let byte = self.bytes.get(at).copied().unwrap_or(0);
            if !byte.is_ascii_whitespace() {
                return (at, byte);
            }
        }
        (0, 0)
    }

    fn step(&mut self) {
        let byte = self.byte(0);
        match (self.language, byte) {
            (Language::Python, b'#') => self.aside(Self::line),
            (Language::Python, b'"' | b'\'') => self.python_text(),
            (Language::JavaScript | Language::FSharp | Language::Rust, b'/')
                if self.byte(1) == b'/' =>
            {
                self.aside(Self::line);
            }
            (Language::JavaScript | Language::Rust, b'/') if self.byte(1) == b'*' => {
                let nested = self.language == Language::Rust;
                self.aside(|lexer| lexer.comment("/*", "*/", nested));
            }
            (Language::JavaScript, b'/') if self.may_be_pattern() => self.aside(Self::pattern),
            (Language::JavaScript, b'"' | b'\'') => {
                self.text(1, byte, Quote::Escaped, false, false, false);
            }
            (Language::JavaScript, b'`') => self.aside(|lexer| lexer.template(0)),
            (Language::FSharp, b'(') if self.starts("(*") && self.byte(2) != b')' => {
                self.aside(|lexer| lexer.comment("(*", "*)", true));
            }
            (Language::FSharp, b'`') if self.starts("``") => self.aside(|lexer| {
                lexer.at += 2;
                lexer.until("``");
            }),
            (Language::FSharp | Language::Rust, b'\'') => self.character(),
            (Language::FSharp, b'"') => self.fsharp_text(),
            (Language::Rust, b'"') => self.rust_text(),
            (Language::Rust, b'(' | b'[' | b'{') => {
                let (at, sign) = self.sign_before(self.at);
                let is_format = sign == b'!' && RUST_FORMATS.contains(&self.word_before(at));
                self.brackets.push(is_format);
                self.at += 1;
            }
            (Language::Rust, b')' | b']' | b'}') => {
                self.brackets.pop();
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn line(&mut self) {
        while !self.is_over() && self.byte(0) != b'\n' {
            self.at += 1;
        }
    }

    fn until(&mut self, end: &str) {
        while !self.is_over() && !self.starts(end) {
            self.at += 1;
        }
        self.at += end.len();
    }

    fn comment(&mut self, open: &str, close: &str, nested: bool) {
        let mut depth = 0usize;
        while !self.is_over() {
            if self.starts(close) && depth > 0 {
                self.at += close.len();
                depth -= 1;
                if depth == 0 {
                    return;
                }
            } else if self.starts(open) && (nested || depth == 0) {
                self.at += open.len();
                depth += 1;
            } else {
                self.at += 1;
            }
        }
    }

    /// A literal whose quote is `length` bytes of `quote`, from the opening one on. It is ours to fill.
    fn text(
        &mut self,
        length: usize,
        quote: u8,
        kind: Quote,
        backslash: bool,
        bytes: bool,
        format: bool,
    ) {
        let start = self.at + length;
        let many_lines =
            length > 1 || self.language == Language::Rust || self.language == Language::FSharp;
        self.aside(|lexer| {
            lexer.at += length;
            lexer.skip_text(length, quote, kind, backslash, many_lines);
        });
        let end = self
            .at
            .saturating_sub(length)
            .max(start)
            .min(self.bytes.len());
        self.spans.push((
            start..end,
            Some(Text {
                language: self.language,
                quote: kind,
                escapes: kind == Quote::Escaped,
                is_bytes: bytes,
                is_format: format,
                many_lines,
            }),
        ));
    }

    /// To behind the closing quote. `backslash`: it keeps a quote from closing although it escapes nothing.
    fn skip_text(
        &mut self,
        length: usize,
        quote: u8,
        kind: Quote,
        backslash: bool,
        many_lines: bool,
    ) {
        while !self.is_over() {
            let byte = self.byte(0);
            let closes = (0..length).all(|ahead| self.byte(ahead) == quote);
            if byte == b'\\' && (kind == Quote::Escaped || backslash) {
                self.at += 2;
            } else if closes && kind == Quote::Verbatim && self.byte(1) == quote {
                self.at += 2;
            } else if closes {
                self.at += length;
                return;
            } else if byte == b'\n' && !many_lines {
                return;
            } else {
                self.at += 1;
            }
        }
    }

    fn python_text(&mut self) {
        let quote = self.byte(0);
        let prefix = self.word_before(self.at).to_ascii_lowercase();
        let prefix = if prefix.len() <= 2 {
            prefix
        } else {
            String::new()
        };
        let length = if self.byte(1) == quote && self.byte(2) == quote {
            3
        } else {
            1
        };
        let raw = prefix.contains('r');
        if prefix.contains(['f', 't']) {
            self.aside(|lexer| {
                lexer.at += length;
                lexer.formatted(length, quote, b'{', 0);
            });
        } else {
            let kind = if raw { Quote::Raw } else { Quote::Escaped };
            self.text(length, quote, kind, true, prefix.contains('b'), false);
        }
    }

    /// A literal with expressions in braces of its own, to behind its end.
    fn formatted(&mut self, length: usize, quote: u8, open: u8, depth: usize) {
        while !self.is_over() {
            let byte = self.byte(0);
            if byte == b'\\' {
                self.at += 2;
            } else if (0..length).all(|ahead| self.byte(ahead) == quote) {
                self.at += length;
                return;
            } else if byte == open && self.byte(1) == open {
                self.at += 2;
            } else if byte == open {
                self.at += 1;
                self.expression(depth + 1);
            } else {
                self.at += 1;
            }
        }
    }

    /// Code in braces, to behind the closing one.
    fn expression(&mut self, depth: usize) {
        let mut braces = 1usize;
        while !self.is_over() {
            match self.byte(0) {
                b'{' => braces += 1,
                b'}' => {
                    braces -= 1;
                    if braces == 0 {
                        self.at += 1;
                        return;
                    }
                }
                b'`' if self.language == Language::JavaScript && depth < MAX_DEPTH => {
                    self.template(depth + 1);
                    continue;
                }
                quote @ (b'"' | b'\'') => {
                    let length = if self.byte(1) == quote
                        && self.byte(2) == quote
                        && self.language != Language::JavaScript
                    {
                        3
                    } else {
                        1
                    };
                    let is_format = self.language == Language::Python
                        && self.word_before(self.at).to_ascii_lowercase().contains('f');
                    self.at += length;
                    if is_format && depth < MAX_DEPTH {
                        self.formatted(length, quote, b'{', depth + 1);
                    } else {
                        self.skip_text(length, quote, Quote::Escaped, true, length > 1);
                    }
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// A template literal, from its opening backquote on.
    fn template(&mut self, depth: usize) {
        self.at += 1;
        while !self.is_over() {
            match self.byte(0) {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    return;
                }
                b'$' if self.byte(1) == b'{' => {
                    self.at += 2;
                    self.expression(depth + 1);
                }
                _ => self.at += 1,
            }
        }
    }

    /// Whether a slash begins a regular expression here: where a value may begin.
    fn may_be_pattern(&self) -> bool {
        let (at, sign) = self.sign_before(self.at);
        if sign == 0 {
            return true;
        }
        if sign.is_ascii_alphanumeric() || sign == b'_' || sign == b'$' || sign >= 0x80 {
            return [
                "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else",
                "do", "await", "yield",
            ]
            .contains(&self.word_before(at + 1));
        }
        !matches!(sign, b')' | b']' | b'}' | b'"' | b'\'' | b'`')
    }

    fn pattern(&mut self) {
        self.at += 1;
        let mut in_class = false;
        while !self.is_over() {
            match self.byte(0) {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += 1;
                    return;
                }
                b'\n' => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// `'x'`, `'\n'`; not `'a` of a type or a lifetime.
    fn character(&mut self) {
        let rest = self.code.get(self.at + 1..).unwrap_or_default();
        let mut characters = rest.chars();
        let length = match characters.next() {
            Some('\\') => rest
                .get(2..)
                .and_then(|rest| rest.find('\''))
                .filter(|offset| *offset < 12)
                .map(|offset| offset + 4),
            Some(one) if characters.next() == Some('\'') => Some(one.len_utf8() + 2),
            _ => None,
        };
        match length {
            Some(length) => self.aside(|lexer| lexer.at += length),
            None => self.at += 1,
        }
    }

    fn fsharp_text(&mut self) {
        let before = self.code.get(..self.at).unwrap_or_default();
        let signs: String = before
            .chars()
            .rev()
            .take_while(|one| matches!(one, '$' | '@'))
            .collect();
        // In `@"""`, the second and third quote are one that is doubled.
        let triple = !signs.contains('@') && self.starts("\"\"\"");
        if signs.contains('$') {
            self.aside(|lexer| {
                if triple {
                    lexer.at += 3;
                    lexer.until("\"\"\"");
                } else if signs.contains('@') {
                    lexer.at += 1;
                    lexer.skip_text(1, b'"', Quote::Verbatim, false, true);
                } else {
                    lexer.at += 1;
                    lexer.formatted(1, b'"', b'{', 0);
                }
            });
            return;
        }
        let (at, sign) = self.sign_before(self.at - signs.len());
        let end = if sign == b'(' {
            self.sign_before(at).0 + 1
        } else {
            at + 1
        };
        let is_format = FSHARP_FORMATS.contains(&self.word_before(end));
        if triple {
            self.text(3, b'"', Quote::Raw, false, false, is_format);
        } else if signs.contains('@') {
            self.text(1, b'"', Quote::Verbatim, false, false, is_format);
        } else {
            self.text(1, b'"', Quote::Escaped, false, false, is_format);
        }
    }

    fn rust_text(&mut self) {
        let before = self.code.get(..self.at).unwrap_or_default();
        let hashes = before
            .bytes()
            .rev()
            .take_while(|byte| *byte == b'#')
            .count();
        let prefix = self.word_before(self.at - hashes).to_owned();
        let raw = matches!(prefix.as_str(), "r" | "br" | "cr");
        let is_bytes = matches!(prefix.as_str(), "b" | "br");
        let own = self.brackets.last().copied().unwrap_or(false);
        let start = self.at + 1;
        let end = if raw {
            format!("\"{}", "#".repeat(hashes))
        } else {
            "\"".to_owned()
        };
        self.aside(|lexer| {
            lexer.at += 1;
            if raw {
                lexer.until(&end);
            } else {
                lexer.skip_text(1, b'"', Quote::Escaped, false, true);
            }
        });
        let close = self
            .at
            .saturating_sub(end.len())
            .max(start)
            .min(self.bytes.len());
        if !own {
            self.spans.push((
                start..close,
                Some(Text {
                    language: Language::Rust,
                    quote: if raw { Quote::Raw } else { Quote::Escaped },
                    escapes: !raw,
                    is_bytes,
                    is_format: false,
                    many_lines: true,
                }),
            ));
        }
    }
}
