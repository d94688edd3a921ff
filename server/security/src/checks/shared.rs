//! Checks that every language shares: secrets from weak generators, credentials in logs, errors shown to visitors.

use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::{Arg, Eval};
use crate::text::names;
use crate::value::{Const, Safe, Taint};

/// The last part of the name behind an expression, in lower case with underscores.
pub(super) fn target_name(ev: &Eval<'_, '_>, id: Id) -> String {
    let id = ev.ast.peel(id);
    let text = match ev.ast.kind(id) {
        Kind::Name => ev.ast.text(id),
        Kind::Attr => ev.ast.text(ev.ast.child(id, Field::Attribute)),
        _ => "",
    };
    names::snake(text)
}

/// A value of a weak generator that is given a name of a secret, or returned by a function whose name says so.
pub(super) fn random_secret(ev: &mut Eval<'_, '_>, rule: &str, id: Id) {
    let (name, value) = match ev.ast.kind(id) {
        Kind::Assign => {
            let first = |a: Field, b: Field| {
                let found = ev.ast.child(id, a);
                if found == NONE {
                    ev.ast.child(id, b)
                } else {
                    found
                }
            };
            let left = ev.ast.peel(first(Field::Left, Field::Name));
            let name = match ev.ast.kind(left) {
                Kind::Attr => ev.ast.text(ev.ast.child(left, Field::Attribute)),
                Kind::Index => ev
                    .val(ev.ast.child(left, Field::Index))
                    .str()
                    .map_or("", |s| ev.syms.str(s)),
                _ => ev.ast.text(left),
            };
            let name = crate::path::last_part(name).to_owned();
            (name, first(Field::Right, Field::Value))
        }
        Kind::Return => (function_name(ev, id), ev.ast.first(id)),
        _ => return,
    };
    report_random(ev, rule, &name, value, id);
}

/// The same for the body of a function that is one expression.
pub(super) fn returned_random(ev: &mut Eval<'_, '_>, rule: &str, id: Id) {
    let name = function_name(ev, id);
    report_random(ev, rule, &name, id, id);
}

fn report_random(ev: &mut Eval<'_, '_>, rule: &str, name: &str, value: Id, id: Id) {
    let v = ev.val(value);
    // In pages, `key` names an entry of a list.
    let entry = name == "key" && ev.ast.lang.name != "python";
    if value != NONE
        && v.taint.has(Taint::WEAK_RANDOM)
        && !entry
        && names::is_secret(&names::snake(name))
    {
        // The call of the generator is what has to change.
        let at = if v.origin != NONE && ev.ast.kind(v.origin) == Kind::Call {
            v.origin
        } else {
            id
        };
        ev.hit(rule, ev.ast.range(at));
    }
}

/// The name of the function around, or of what it is assigned to.
fn function_name(ev: &Eval<'_, '_>, id: Id) -> String {
    let mut at = ev.ast.ancestor(id, &[Kind::Func, Kind::Lambda]);
    let mut name = NONE;
    for _ in 0..3 {
        if at == NONE {
            break;
        }
        name = ev.ast.lang.hooks.function_name(ev.ast, at);
        if name != NONE {
            break;
        }
        let parent = ev.ast.parent(at);
        if ev.ast.kind(parent) == Kind::Assign {
            name = ev.ast.child(parent, Field::Left);
            if name == NONE {
                name = ev.ast.child(parent, Field::Name);
            }
            break;
        }
        at = ev.ast.ancestor(at, &[Kind::Func, Kind::Lambda]);
    }
    ev.ast.text(name).to_owned()
}

/// An argument of a logging function that is, or holds, a credential.
pub(super) fn log_secret(
    ev: &mut Eval<'_, '_>,
    rule: &str,
    args: &[Arg<'_>],
    change: impl Fn(&mut crate::engine::Hit),
) {
    for a in args {
        let mut nodes = vec![ev.ast.peel(a.node)];
        let mut seen = 0;
        while let Some(n) = nodes.get(seen).copied() {
            seen += 1;
            if seen > 24 {
                break;
            }
            match ev.ast.kind(n) {
                Kind::Str => nodes.extend(
                    ev.ast
                        .children(n)
                        .filter(|c| ev.ast.kind(*c) == Kind::Interp)
                        .flat_map(|c| ev.ast.children(c))
                        .map(|c| ev.ast.peel(c)),
                ),
                // Fields of a structured entry: `log.info({ password })`.
                Kind::Dict => nodes.extend(ev.ast.children(n).map(|c| {
                    let value = match ev.ast.kind(c) {
                        Kind::Pair => ev.pair_parts(c).1,
                        _ => c,
                    };
                    ev.ast.peel(value)
                })),
                Kind::Binary => nodes.extend(ev.ast.children(n).map(|c| ev.ast.peel(c))),
                _ => {}
            }
            let v = ev.val(n);
            if names::is_credential(&target_name(ev, n))
                && !v.is_const()
                && v.konst == Const::Unknown
                && !v.safe.has(Safe::ALL)
            {
                ev.hit_with(rule, ev.ast.range(n), &change);
                break;
            }
        }
    }
}
