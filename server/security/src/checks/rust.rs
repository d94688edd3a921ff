//! Rust checks that rules as data cannot say.

use crate::ast::{Field, Id, Kind};
use crate::engine::Eval;
use crate::text::names;
use crate::value::Taint;

pub(crate) fn check(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Assign => {
            let name = ev.ast.text(ev.ast.peel(ev.ast.child(id, Field::Left)));
            let value = ev.ast.child(id, Field::Value);
            if ev.val(value).taint.has(Taint::WEAK_RANDOM) && names::is_secret(name) {
                ev.hit("RS-RANDOM-SECRET", ev.ast.range(id));
            }
        }
        Kind::Other => match ev.ast.raw(id) {
            "unsafe_block" => {
                let start = ev.ast.range(id).start;
                ev.hit("RS-UNSAFE", start..start + 6);
            }
            "static_item" if ev.ast.text(id).starts_with("static mut") => {
                ev.hit("RS-STATIC-MUT", ev.ast.range(id))
            }
            _ => {}
        },
        Kind::Func => {
            let body = ev.ast.node(ev.ast.child(id, Field::Body)).start as usize;
            let start = ev.ast.range(id).start;
            let head = ev.ast.src.get(start..body.max(start)).unwrap_or_default();
            if let Some(at) = head.find("unsafe fn") {
                ev.hit("RS-UNSAFE", start + at..start + at + 9);
            }
        }
        _ => {}
    }
}
