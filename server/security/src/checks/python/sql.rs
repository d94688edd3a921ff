//! SQL that is put together from text.

use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::{Arg, Eval, find_arg};
use crate::text::names;

pub(super) fn django_extra(ev: &mut Eval<'_, '_>, id: Id, args: &[Arg<'_>]) {
    let get =
        |pos: usize, name: &str| find_arg(args, Some(pos), &[name.to_owned()]).map(|a| a.node);
    let constant = |n: Id| ev.ast.kind(n) == Kind::Str && ev.val(n).str().is_some();
    let mut bad = false;
    for node in [get(1, "where"), get(3, "tables")].into_iter().flatten() {
        bad |= ev.ast.kind(node) != Kind::List || ev.ast.children(node).any(|c| !constant(c));
    }
    if let Some(select) = get(0, "select") {
        bad |= if ev.ast.kind(select) == Kind::Dict {
            ev.ast
                .children(select)
                .filter(|c| ev.ast.kind(*c) == Kind::Pair)
                .any(|c| {
                    let (k, v) = ev.pair_parts(c);
                    !constant(k) || !constant(v)
                })
        } else {
            true
        };
    }
    if bad {
        ev.hit("PY-DJANGO-EXTRA", ev.ast.range(id));
    }
}

/// Text of a string that is an operand, a piece of an f-string or the receiver of `format` and `replace`.
pub(super) fn sql_literal(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let parent = ast.parent(id);
    let interpolated = ev.val(id).str().is_none();
    let text = if interpolated {
        let parts: Vec<&str> = ast
            .children(id)
            .filter(|c| ast.kind(*c) == Kind::StrPart)
            .map(|c| ast.text(c))
            .collect();
        parts.concat()
    } else if ast.kind(parent) == Kind::Attr
        && matches!(
            ast.text(ast.child(parent, Field::Attribute)),
            "format" | "replace"
        )
    {
        ev.val(id)
            .str()
            .map(|s| ev.syms.str(s).to_owned())
            .unwrap_or_default()
    } else {
        return;
    };
    if interpolated && ast.raw(parent) == "concatenated_string" {
        return;
    }
    if names::looks_like_sql(&text) {
        ev.hit("PY-SQL-STRING", ast.range(id));
    }
}

/// A chain of `+`, `%` and adjacent strings.
pub(super) fn sql_concat(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let parent = ast.parent(id);
    let adjacent = ast.raw(id) == "concatenated_string";
    let mut top = parent;
    while ast.kind(top) == Kind::Wrap {
        top = ast.parent(top);
    }
    if ast.kind(top) == Kind::Binary {
        return;
    }
    let formatted = ast.kind(top) == Kind::Attr
        && matches!(
            ast.text(ast.child(top, Field::Attribute)),
            "format" | "replace"
        );
    if adjacent && !formatted && !ast.descendants(id).any(|d| ast.kind(d) == Kind::Interp) {
        return;
    }
    let mut text = String::new();
    let mut first = NONE;
    let mut in_call_until = 0;
    for d in ast.descendants(id) {
        if d < in_call_until {
            continue;
        }
        match ast.kind(d) {
            Kind::Call | Kind::List | Kind::Index | Kind::Dict => in_call_until = ast.node(d).last,
            Kind::Str => {
                if first == NONE {
                    first = d;
                }
                for c in ast.children(d).filter(|c| ast.kind(*c) == Kind::StrPart) {
                    text.push_str(ast.text(c));
                }
                if !adjacent {
                    text.push(' ');
                }
            }
            _ => {}
        }
    }
    if first != NONE && names::looks_like_sql(&text) {
        ev.hit("PY-SQL-STRING", ast.range(first).start..ast.range(id).end);
    }
}
