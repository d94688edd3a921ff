//! Code that stops in the middle: what an assistant has written so far, or a piece cut out of a file.
//!
//! A call whose last argument is a function that was never closed is no call to a parser. With the brackets closed that
//! are open at the end, it is one.

/// Deepest nesting that is closed.
const DEEPEST: usize = 64;

use super::outdent;

/// What closes everything that is open at the end of the code; `None` when nothing is, or when the language is not
/// written with brackets.
pub(crate) fn closers(language: &str, code: &str) -> Option<String> {
    let c_like = matches!(
        language,
        "javascript" | "typescript" | "tsx" | "csharp" | "rust"
    );
    if !c_like && language != "python" {
        return None;
    }
    let mut open: Vec<u8> = Vec::new();
    let bytes = code.as_bytes();
    let at = |k: usize| bytes.get(k).copied().unwrap_or(0);
    let mut k = 0;
    let mut unclosed = String::new();
    while k < bytes.len() {
        match at(k) {
            b'/' if c_like && at(k + 1) == b'/' => k = line_end(bytes, k),
            b'#' if !c_like => k = line_end(bytes, k),
            b'/' if c_like && at(k + 1) == b'*' => match find(bytes, k + 2, b"*/") {
                Some(end) => k = end,
                None => return None,
            },
            // A lifetime of Rust is no character.
            b'\'' if language == "rust" => {
                k += match (at(k + 1), at(k + 2)) {
                    (b'\\', _) => 3,
                    (_, b'\'') => 2,
                    _ => 0,
                }
            }
            q @ (b'"' | b'\'' | b'`') => {
                let triple = language == "python" && at(k + 1) == q && at(k + 2) == q;
                let long = triple || q == b'`' || language == "rust";
                if triple {
                    match find(bytes, k + 3, &[q, q, q]) {
                        Some(end) => k = end - 1,
                        None => return None,
                    }
                } else {
                    let mut end = k + 1;
                    while end < bytes.len() && at(end) != q && (long || at(end) != b'\n') {
                        end += if at(end) == b'\\' { 2 } else { 1 };
                    }
                    if end >= bytes.len() {
                        unclosed.push(char::from(q));
                    }
                    k = end;
                }
            }
            b'(' => open.push(b')'),
            b'[' => open.push(b']'),
            b'{' => open.push(b'}'),
            c @ (b')' | b']' | b'}') => {
                if open.last() == Some(&c) {
                    open.pop();
                }
            }
            _ => {}
        }
        k += 1;
    }
    if open.is_empty() && language == "python" {
        return outdent::missing_body(code);
    }
    if open.is_empty() || open.len() > DEEPEST {
        return None;
    }
    let mut out = unclosed;
    out.push('\n');
    out.extend(open.iter().rev().map(|c| char::from(*c)));
    Some(out)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|b| *b == b'\n')
        .map_or(bytes.len(), |n| from + n)
}

/// The place after the first `needle`.
fn find(bytes: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    bytes
        .get(from..)?
        .windows(needle.len())
        .position(|w| w == needle)
        .map(|n| from + n + needle.len())
}

#[cfg(test)]
mod tests {
    use super::closers;

    #[test]
    fn what_is_open_is_closed() {
        for (language, code, expected) in [
            ("javascript", "exec('a', function (e) {", Some("\n})")),
            ("javascript", "f({ a: [1, '(' ] // (", Some("\n})")),
            ("javascript", "f(`a", Some("`\n)")),
            ("javascript", "f();", None),
            ("rust", "fn f<'a>(x: &'a str) { g('(');", Some("\n}")),
            ("python", "f(\"\"\"(\"\"\", [", Some("\n])")),
            ("python", "with a as b:\n", Some("\n    pass\n")),
            ("sql", "select (", None),
        ] {
            assert_eq!(closers(language, code).as_deref(), expected, "{code}");
        }
    }
}
