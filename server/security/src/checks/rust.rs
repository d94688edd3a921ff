//! Rust checks that rules as data cannot say.

use super::shared;
use crate::ast::{Field, Id, Kind};
use crate::engine::Eval;
use crate::lang::macros;
use crate::text::names;

pub(crate) fn check(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Assign | Kind::Return => shared::random_secret(ev, "RS-RANDOM-SECRET", id),
        _ if macros::name(ev.ast, id).is_some() => macro_call(ev, id),
        Kind::Other => match ev.ast.raw(id) {
            "unsafe_block" => {
                let start = ev.ast.range(id).start;
                ev.hit("RS-UNSAFE", start..start + 6);
            }
            "static_item" if ev.ast.text(id).starts_with("static mut") => {
                ev.hit("RS-STATIC-MUT", ev.ast.range(id));
            }
            _ => {}
        },
        Kind::Func => {
            let body = ev.ast.node(ev.ast.child(id, Field::Body)).start as usize;
            let start = ev.ast.range(id).start;
            let head = ev.ast.src.get(start..body.max(start)).unwrap_or_default();
            let found = head
                .find("unsafe fn")
                .or_else(|| head.find("unsafe extern"));
            if let Some(at) = found {
                ev.hit("RS-UNSAFE", start + at..start + at + 9);
            }
        }
        _ => {}
    }
}

fn macro_call(ev: &mut Eval<'_, '_>, id: Id) {
    let name = macros::name(ev.ast, id).unwrap_or_default();
    match name {
        "println" | "print" | "eprintln" | "eprint" | "info" | "debug" | "warn" | "error"
        | "trace" | "log" | "dbg" => log_secret(ev, id),
        _ => {}
    }
}

/// `println!("{}", password)`, `info!("{password}")`.
fn log_secret(ev: &mut Eval<'_, '_>, id: Id) {
    let shown = ev.ast.descendants(id).any(|d| match ev.ast.kind(d) {
        Kind::Name => names::is_credential(ev.ast.text(d)) && !ev.val(d).is_const(),
        Kind::Str => ev.ast.text(d).split('{').skip(1).any(|piece| {
            let word: String = piece
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            names::is_credential(&word)
        }),
        _ => false,
    });
    if shown {
        ev.hit("RS-LOG-SECRET", ev.ast.range(id));
    }
}
