//! Passwords in assignments, dictionaries, comparisons and defaults.

use super::{literal, target_name};
use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::path::last_part;
use crate::text::names;

pub(super) fn assigned_password(ev: &mut Eval<'_, '_>, id: Id) {
    let left = ev.ast.child(id, Field::Left);
    let mut right = ev.ast.child(id, Field::Right);
    while ev.ast.kind(right) == Kind::Assign {
        right = ev.ast.child(right, Field::Right);
    }
    if !literal(ev, right) {
        return;
    }
    let name = target_name(ev, left);
    if names::is_bandit_password(name) {
        ev.hit("PY-PASSWORD-STRING", ev.ast.range(right));
    } else if ev.ast.kind(left) == Kind::Index {
        let key = ev.ast.child(left, Field::Index);
        let matches = ev
            .val(key)
            .str()
            .is_some_and(|s| names::is_bandit_password(ev.syms.str(s)));
        if matches {
            ev.hit("PY-PASSWORD-STRING", ev.ast.range(key));
        }
    }
}

pub(super) fn dict_password(ev: &mut Eval<'_, '_>, id: Id) {
    let pairs: Vec<Id> = ev
        .ast
        .children(id)
        .filter(|c| ev.ast.kind(*c) == Kind::Pair)
        .collect();
    for pair in pairs {
        let (k, v) = ev.pair_parts(pair);
        let name = ev
            .val(k)
            .str()
            .is_some_and(|s| names::is_bandit_password(ev.syms.str(s)));
        if name
            && ev.ast.kind(k) == Kind::Str
            && matches!(
                ev.ast.kind(v),
                Kind::Str | Kind::Int | Kind::Null | Kind::True | Kind::False | Kind::Float
            )
        {
            ev.hit("PY-PASSWORD-STRING", ev.ast.range(k));
        }
    }
}

pub(super) fn compared_password(ev: &mut Eval<'_, '_>, id: Id) {
    let parts: Vec<Id> = ev
        .ast
        .children(id)
        .filter(|c| ev.ast.node(*c).field != Field::Operator)
        .collect();
    let (Some(&l), Some(&r)) = (parts.first(), parts.get(1)) else {
        return;
    };
    if names::is_bandit_password(target_name(ev, l)) && literal(ev, r) {
        ev.hit("PY-PASSWORD-STRING", ev.ast.range(r));
    }
}

pub(super) fn defaults(ev: &mut Eval<'_, '_>, id: Id) {
    let params = ev.ast.lang.hooks.params(ev.ast, id);
    let mut password = None;
    let mut tls = false;
    for p in params {
        if p.default == NONE {
            continue;
        }
        if names::is_bandit_password(p.name) && literal(ev, p.default) && password.is_none() {
            password = Some(id);
        }
        let path = ev.val(p.default).path;
        tls |= matches!(
            last_part(ev.syms.str(path)),
            "PROTOCOL_SSLv2"
                | "SSLv2_METHOD"
                | "SSLv23_METHOD"
                | "PROTOCOL_SSLv3"
                | "PROTOCOL_TLSv1"
                | "SSLv3_METHOD"
                | "TLSv1_METHOD"
                | "PROTOCOL_TLSv1_1"
                | "TLSv1_1_METHOD"
        );
    }
    // The finding stands on the header: a whole function underlined says nothing.
    let start = ev.ast.range(id).start;
    let end = ev.ast.range(ev.ast.child(id, Field::Params)).end;
    if password.is_some() {
        ev.hit("PY-PASSWORD-DEFAULT", start..end);
    }
    if tls {
        ev.hit("PY-TLS-VERSION-DEFAULT", start..end);
    }
}
