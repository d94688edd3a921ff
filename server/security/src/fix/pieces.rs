//! A text that is put together in the code, taken apart: constant pieces and the expressions between them.

use crate::ast::{Ast, Field, Id, Kind, NONE};

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The source of an expression.
    Value(String),
}

/// Most pieces that a fix takes on.
const MOST: usize = 24;

/// The pieces of the text that an expression makes; `None` when it is made in a way that is not understood.
pub(super) fn pieces(ast: &Ast<'_>, id: Id) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    collect(ast, id, &mut out, 0)?;
    let mut merged: Vec<Piece> = Vec::new();
    for piece in out {
        match (merged.last_mut(), piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
            (_, piece) => merged.push(piece),
        }
    }
    (merged.len() <= MOST).then_some(merged)
}

fn collect(ast: &Ast<'_>, id: Id, out: &mut Vec<Piece>, depth: usize) -> Option<()> {
    let id = ast.peel(id);
    if depth > MOST || out.len() > MOST {
        return None;
    }
    match ast.kind(id) {
        Kind::Str => string(ast, id, out),
        Kind::Binary => {
            let parts: Vec<Id> = ast
                .children(id)
                .filter(|c| ast.kind(*c) != Kind::Comment && ast.node(*c).field != Field::Operator)
                .collect();
            let operator = ast.text(ast.child(id, Field::Operator));
            match (operator, parts.as_slice()) {
                ("%", [format, values]) => percent(ast, *format, *values, out),
                ("+" | "", parts) => parts
                    .iter()
                    .try_for_each(|p| collect(ast, *p, out, depth + 1)),
                _ => None,
            }
        }
        Kind::Call => braces(ast, id, out).or_else(|| value(ast, id, out)),
        Kind::Name | Kind::Attr | Kind::Index => value(ast, id, out),
        _ => None,
    }
}

fn value(ast: &Ast<'_>, id: Id, out: &mut Vec<Piece>) -> Option<()> {
    let text = ast.text(id);
    // `str(x)` is `x` once the text is no longer put together by hand.
    let bare = ["str(", "String("]
        .iter()
        .find_map(|f| text.strip_prefix(f)?.strip_suffix(')'))
        .filter(|inner| !inner.contains(['(', ')', ',']));
    out.push(Piece::Value(bare.unwrap_or(text).trim().to_owned()));
    Some(())
}

fn string(ast: &Ast<'_>, id: Id, out: &mut Vec<Piece>) -> Option<()> {
    let interpolated = ast.children(id).any(|c| ast.kind(c) == Kind::Interp);
    if !interpolated {
        out.push(Piece::Text(ast.lang.hooks.string(ast, id)));
        return Some(());
    }
    for c in ast.children(id) {
        match ast.kind(c) {
            Kind::StrPart if ast.raw(c) == "escape_sequence" => return None,
            Kind::StrPart if ast.text(c).contains(['\\']) => return None,
            Kind::StrPart => out.push(Piece::Text(ast.text(c).to_owned())),
            Kind::Interp => {
                let inner = ast.first(c);
                // A format (`{x:>8}`) or a conversion changes the value.
                let others = ast.children(c).filter(|k| *k != inner).count();
                if inner == NONE || others > 0 {
                    return None;
                }
                value(ast, inner, out)?;
            }
            _ => {}
        }
    }
    Some(())
}

/// `"... %s ..." % (a, b)`.
fn percent(ast: &Ast<'_>, format: Id, values: Id, out: &mut Vec<Piece>) -> Option<()> {
    let format = ast.peel(format);
    if ast.kind(format) != Kind::Str {
        return None;
    }
    let text = ast.lang.hooks.string(ast, format);
    let given = if ast.kind(values) == Kind::List {
        ast.children(values)
            .filter(|c| ast.kind(*c) != Kind::Comment)
            .collect()
    } else {
        vec![values]
    };
    let parts: Vec<&str> = text.split("%s").collect();
    fill(ast, &parts, &given, out, |t| {
        !t.replace("%%", "").contains('%')
    })
}

/// `"... {} ...".format(a, b)`.
fn braces(ast: &Ast<'_>, call: Id, out: &mut Vec<Piece>) -> Option<()> {
    let parts = ast.lang.hooks.call_parts(ast, call);
    let receiver = ast.peel(ast.lang.hooks.receiver(ast, parts.callee));
    let name = ast.text(ast.child(parts.callee, Field::Attribute));
    let named = parts.args.iter().any(|a| !a.name.is_empty() || a.splat);
    if name != "format" || ast.kind(receiver) != Kind::Str || named {
        return None;
    }
    let text = ast.lang.hooks.string(ast, receiver);
    let pieces: Vec<&str> = text.split("{}").collect();
    let given: Vec<Id> = parts.args.iter().map(|a| a.node).collect();
    fill(ast, &pieces, &given, out, |t| !t.contains(['{', '}']))
}

fn fill(
    ast: &Ast<'_>,
    parts: &[&str],
    given: &[Id],
    out: &mut Vec<Piece>,
    plain: impl Fn(&str) -> bool,
) -> Option<()> {
    if parts.len() != given.len() + 1 || !parts.iter().all(|p| plain(p)) {
        return None;
    }
    for (k, part) in parts.iter().enumerate() {
        out.push(Piece::Text(part.replace("%%", "%")));
        if let Some(id) = given.get(k) {
            value(ast, ast.peel(*id), out)?;
        }
    }
    Some(())
}

/// A literal of the language for a text.
pub(super) fn literal(language: &str, text: &str) -> Option<String> {
    let escaped = text.replace('\\', "\\\\");
    let lines = text.contains('\n');
    match language {
        "python" if lines => (!text.contains("\"\"\"") && !text.ends_with('"'))
            .then(|| format!("\"\"\"{escaped}\"\"\"")),
        "python" => Some(format!("\"{}\"", escaped.replace('"', "\\\""))),
        _ if lines => (!text.contains(['`', '$'])).then(|| format!("`{escaped}`")),
        _ => Some(format!("'{}'", escaped.replace('\'', "\\'"))),
    }
}
