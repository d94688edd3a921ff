//! Macros whose arguments are expressions: `format!`, `println!`, `vec!`, `assert!` and their relatives. To the grammar what stands
//! in a macro is tokens; to the scanner `format!("{:x}", md5::compute(x))` is a call within a call.

use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::value::{Shape, Taint, Val};

const KNOWN: &[&str] = &[
    "anyhow",
    "assert",
    "assert_eq",
    "assert_ne",
    "bail",
    "concat",
    "dbg",
    "debug",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "ensure",
    "env",
    "eprint",
    "eprintln",
    "error",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "info",
    "join",
    "log",
    "panic",
    "print",
    "println",
    "query",
    "query_as",
    "query_scalar",
    "trace",
    "try_join",
    "unreachable",
    "vec",
    "warn",
    "write",
    "writeln",
];

/// The code with calls in the place of such macros, byte for byte as long: `format_("{}", x)`, `vec_(0, n)`. The name of the call
/// is still read from the code itself, with its `!`. `None`: there are none.
pub(crate) fn as_calls(code: &str) -> Option<Vec<u8>> {
    let bytes = code.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if let Some(end) = skipped(bytes, at) {
            at = end;
            continue;
        }
        if *byte == b'!'
            && known(bytes, at)
            && let Some(open) = opener(bytes, at + 1)
            && let Some(close) = closer(bytes, open)
        {
            let out = out.get_or_insert_with(|| bytes.to_vec());
            put(out, at, b'_');
            if bytes.get(open) == Some(&b'[') {
                put(out, open, b'(');
                put(out, close, b')');
                if let Some(semicolon) = repeat(bytes, open, close) {
                    put(out, semicolon, b',');
                }
            }
        }
        at += 1;
    }
    out
}

fn put(out: &mut [u8], at: usize, byte: u8) {
    if let Some(place) = out.get_mut(at) {
        *place = byte;
    }
}

/// Whether the name that ends here is one of a macro with expressions.
fn known(bytes: &[u8], end: usize) -> bool {
    let name = bytes.get(..end).unwrap_or_default();
    let word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
    let len = name.iter().rev().take_while(word).count();
    let name = name.get(end - len..).unwrap_or_default();
    KNOWN.iter().any(|known| known.as_bytes() == name)
}

fn opener(bytes: &[u8], from: usize) -> Option<usize> {
    let blank = bytes.get(from..)?.iter().take_while(|b| **b == b' ');
    let at = from + blank.count();
    matches!(bytes.get(at), Some(b'(' | b'[')).then_some(at)
}

/// Furthest that the end of a macro is looked for, in bytes.
const LONGEST: usize = 8192;

/// The end of the macro that opens here, when all that stands in it may be expressions.
fn closer(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = open;
    // What comes before, blanks aside.
    let mut before = 0;
    while at < bytes.len().min(open + LONGEST) {
        if let Some(end) = skipped(bytes, at) {
            at = end;
            before = b'"';
            continue;
        }
        let byte = bytes.get(at).copied()?;
        let next = bytes.get(at + 1).copied().unwrap_or(0);
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'$' => return None,
            b'=' if next == b'>' => return None,
            // `?value` and `%value` of a log, `target: "x"`.
            b'?' | b'%' if matches!(before, b',' | b'(' | b'=') => return None,
            b':' if depth == 1 && next != b':' && before != b':' => return None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        at += 1;
    }
    None
}

/// The `;` of `vec![0; n]`.
fn repeat(bytes: &[u8], open: usize, close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = open + 1;
    while at < close {
        if let Some(end) = skipped(bytes, at) {
            at = end;
            continue;
        }
        match bytes.get(at)? {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.checked_sub(1)?,
            b';' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The end of the comment, string or character that begins here.
fn skipped(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let end = |found: Option<usize>, len: usize| {
        Some(found.map_or(bytes.len(), |found| at + found + len))
    };
    let find = |what: &[u8], from: usize| {
        let text = rest.get(from..)?;
        text.windows(what.len())
            .position(|window| window == what)
            .map(|found| from + found)
    };
    match rest {
        [b'/', b'/', ..] => end(find(b"\n", 2), 1),
        [b'/', b'*', ..] => end(find(b"*/", 2), 2),
        [b'r', b'"' | b'#', ..] if !ends_word(bytes, at) => {
            let marks = rest.iter().skip(1).take_while(|b| **b == b'#').count();
            if rest.get(1 + marks) != Some(&b'"') {
                return None;
            }
            let mut close = vec![b'"'];
            close.resize(1 + marks, b'#');
            end(find(&close, 2 + marks), 1 + marks)
        }
        [b'"', ..] => {
            let mut k = 1;
            while let Some(byte) = rest.get(k).filter(|byte| **byte != b'"') {
                k += if *byte == b'\\' { 2 } else { 1 };
            }
            Some((at + k + 1).min(bytes.len()))
        }
        // A character, not a lifetime.
        [b'\'', b'\\', _, ..] => end(find(b"'", 3), 1),
        [b'\'', _, b'\'', ..] => Some(at + 3),
        _ => None,
    }
}

fn ends_word(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|k| bytes.get(k));
    before.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a call is one of a macro.
pub(crate) fn is_call(ast: &Ast<'_>, id: Id) -> bool {
    ast.text(ast.child(id, Field::Function)).ends_with('!')
}

/// The name of a macro that is called, without its module and its `!`; `None`: this is none.
pub(crate) fn name<'s>(ast: &Ast<'s>, id: Id) -> Option<&'s str> {
    let text = || ast.text(ast.child(id, Field::Function));
    let called = match ast.raw(id) {
        "macro_invocation" => text(),
        "call_expression" => text().strip_suffix('!')?,
        _ => return None,
    };
    called.rsplit("::").next()
}

/// `format!("... {}", x)` and its relatives. The arguments are tokens where they are no expressions.
pub(super) fn value(ev: &mut Eval<'_, '_>, id: Id) -> Val {
    let ast = ev.ast;
    let name = name(ast, id).unwrap_or_default();
    let mut out = Val {
        def: id,
        ..Val::UNKNOWN
    };
    let arguments = ast.child(id, Field::Arguments);
    let parts: Vec<Id> = if arguments == NONE {
        ast.descendants(id)
            .filter(|d| ast.node(*d).field != Field::Function)
            .collect()
    } else {
        let given = ast.children(arguments);
        given.filter(|d| ast.kind(*d) != Kind::Comment).collect()
    };
    let counts = |d: Id| arguments != NONE || ast.kind(d) == Kind::Name;
    if !matches!(
        name,
        "format" | "format_args" | "concat" | "write" | "writeln"
    ) {
        if name == "vec" {
            out.shape = Shape::LIST;
        }
        for d in parts.into_iter().filter(|d| counts(*d)) {
            let v = ev.val(d);
            out.absorb(&v);
        }
        return out;
    }
    let mut dynamic = false;
    let mut first = true;
    for d in parts {
        if ast.kind(d) == Kind::Str && first {
            first = false;
            dynamic |= inline(ev, d, &mut out);
        } else if counts(d) {
            let v = ev.val(d);
            // The tokens of a path (`module::CONSTANT`) say nothing.
            if arguments != NONE || ast.text(d).starts_with(char::is_lowercase) {
                dynamic |= !v.is_const();
                out.absorb(&v);
            }
        }
    }
    out.shape = if dynamic { Shape::BUILT } else { Shape::FIXED };
    out
}

/// What `"... {name}"` takes from the variables around; whether that changes.
fn inline(ev: &mut Eval<'_, '_>, id: Id, out: &mut Val) -> bool {
    let text = ev.val(id).str().map(|s| ev.syms.str(s).to_owned());
    let text = text.unwrap_or_default();
    out.prefix = ev.syms.get(text.split('{').next().unwrap_or_default());
    let mut dynamic = false;
    for piece in text.split('{').skip(1) {
        let inner: String = piece
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect();
        if !inner.is_empty() && !inner.chars().all(|c| c.is_ascii_digit()) {
            let path = ev.syms.get(&inner);
            let v = ev.scopes.get(path).unwrap_or(Val {
                taint: Taint::OPAQUE,
                ..Val::UNKNOWN
            });
            dynamic |= !v.is_const();
            out.absorb(&v);
        }
    }
    dynamic
}

#[cfg(test)]
mod tests {
    use super::as_calls;

    #[test]
    fn macros_with_expressions_become_calls_of_the_same_length() {
        for (code, expected) in [
            (
                r#"format!("{:x}", md5::compute(x))"#,
                Some(r#"format_("{:x}", md5::compute(x))"#),
            ),
            ("vec![0u8; n]", Some("vec_(0u8, n)")),
            ("vec![[0; 2]; n]", Some("vec_([0; 2], n)")),
            (
                "assert!(vec![a].len() > 1)",
                Some("assert_(vec_(a).len() > 1)"),
            ),
            (r#"sqlx::query!("a", b)"#, Some(r#"sqlx::query_("a", b)"#)),
            // Not expressions.
            (r#"info!(target: "x", "{}", a)"#, None),
            ("debug!(?value, %other)", None),
            ("println!(\"{}\", $x)", None),
            ("html! { <p/> }", None),
            ("select!(a = b => c)", None),
            // Not macros.
            (r#"let a = "format!(x)"; // vec![1]"#, None),
            (r##"let a = r#"format!(")"#;"##, None),
            ("if !format(x) && a != b {}", None),
            ("format!(", None),
        ] {
            let found = as_calls(code).map(|bytes| String::from_utf8(bytes).unwrap());
            assert_eq!(found.as_deref(), expected, "{code}");
            assert!(found.is_none_or(|it| it.len() == code.len()));
        }
    }
}
