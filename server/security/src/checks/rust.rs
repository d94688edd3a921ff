//! Rust checks that rules as data cannot say.

mod compared;
mod sound;

use super::shared;
use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::lang::macros;
use crate::rule::Level;
use crate::text::names;
use crate::value::{Safe, Shape, Taint};

pub(crate) fn check(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Assign | Kind::Return => shared::random_secret(ev, "RS-RANDOM-SECRET", id),
        Kind::Wrap if ev.ast.raw(id) == "type_cast_expression" => narrowed(ev, id),
        Kind::If => compared::checked_file(ev, id),
        Kind::Binary | Kind::Compare => compared::secrets(ev, id),
        _ if macros::name(ev.ast, id).is_some() => macro_call(ev, id),
        Kind::Other => match ev.ast.raw(id) {
            "unsafe_block" => {
                let range = ev.ast.range(id);
                if sound::is_sound(ev, id) {
                    ev.demote("RS-UNSAFE-CALL", &range);
                    ev.hit_with("RS-UNSAFE", range.start..range.start + 6, |hit| {
                        hit.level = Some(Level::Strict);
                    });
                } else {
                    ev.hit("RS-UNSAFE", range.start..range.start + 6);
                }
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
                let documented = sound::is_documented(ev, start);
                if documented {
                    let range = ev.ast.range(id);
                    ev.demote("RS-UNSAFE-CALL", &range);
                }
                ev.hit_with("RS-UNSAFE", start + at..start + at + 9, |hit| {
                    if documented {
                        hit.level = Some(Level::Strict);
                    }
                });
            }
        }
        _ => {}
    }
}

/// `items.len() as u8`: a count that is cut off without a word; `amount as u64`: a negative one becomes huge.
fn narrowed(ev: &mut Eval<'_, '_>, id: Id) {
    let to = ev.ast.text(ev.ast.child(id, Field::Type));
    let from = ev.ast.text(ev.ast.child(id, Field::Value));
    let cut = matches!(to, "u8" | "i8" | "u16" | "i16") && from.ends_with(".len()");
    let counts = matches!(to, "u32" | "u64" | "usize" | "u128") && is_count(from);
    if !cut && !counts {
        return;
    }
    let around = ev.ast.ancestor(id, &[Kind::Func, Kind::Module]);
    let text = ev.ast.text(around);
    let checked: &[&str] = if cut {
        &["MAX", "try_from", "assert", ".min("]
    } else {
        &[
            "try_from", "assert", "< 0", "<= 0", ">= 0", "negative", "abs()", "max(0", "_abs",
            "clamp(", "euclid", "signum", "< 1",
        ]
    };
    if checked.iter().any(|word| text.contains(word)) || counts && !is_signed(text, from) {
        return;
    }
    ev.hit("RS-INTEGER-OVERFLOW", ev.ast.range(id));
}

fn is_count(name: &str) -> bool {
    let last = name.rsplit('_').next().unwrap_or_default();
    matches!(
        last,
        "amount"
            | "len"
            | "length"
            | "size"
            | "count"
            | "requested"
            | "index"
            | "offset"
            | "quantity"
            | "qty"
            | "balance"
            | "price"
    )
}

/// Whether the head of a function gives a parameter a type with a sign.
fn is_signed(function: &str, name: &str) -> bool {
    let head = function.split('{').next().unwrap_or_default();
    ["i8", "i16", "i32", "i64", "isize", "i128"]
        .iter()
        .any(|ty| head.contains(&format!("{name}: {ty}")))
}

fn macro_call(ev: &mut Eval<'_, '_>, id: Id) {
    let name = macros::name(ev.ast, id).unwrap_or_default();
    match name {
        "println" | "print" | "eprintln" | "eprint" | "info" | "debug" | "warn" | "error"
        | "trace" | "log" | "dbg" => log_secret(ev, id),
        "vec" => sized_from_outside(ev, id),
        "write" | "format" => raw_header(ev, id),
        _ => {}
    }
}

/// `password.len()`: what is said of a value without showing it.
fn is_measured(ev: &Eval<'_, '_>, id: Id) -> bool {
    let access = ev.ast.parent(id);
    let asked = ev.ast.text(ev.ast.child(access, Field::Attribute));
    ev.ast.kind(access) == Kind::Attr
        && matches!(
            asked,
            "len" | "is_empty" | "is_some" | "is_none" | "is_ok" | "is_err"
        )
}

/// `vec![0; n]` with a length that came over the wire.
fn sized_from_outside(ev: &mut Eval<'_, '_>, id: Id) {
    let arguments = ev.ast.child(id, Field::Arguments);
    let repeats = ev.ast.text(id).contains(';');
    let Some(length) = ev.ast.children(arguments).nth(1).filter(|_| repeats) else {
        return;
    };
    let length = ev.val(length);
    let path = ev.syms.str(length.path);
    let read = [
        "from_be_bytes()",
        "from_le_bytes()",
        "from_ne_bytes()",
        "read_u32()",
        "read_u64()",
        "get_u32()",
        "get_u64()",
    ];
    let wire = read.iter().any(|end| path.ends_with(end));
    if wire || length.taint.has(Taint::UNTRUSTED) && length.safe != Safe::ALL {
        ev.hit("RS-INTEGER-OVERFLOW", ev.ast.range(id));
    }
}

/// `write!(stream, "HTTP/1.1 200 OK\r\nX-Name: {}\r\n", name)`: a line break in the value ends the header.
fn raw_header(ev: &mut Eval<'_, '_>, id: Id) {
    let text = ev
        .ast
        .descendants(id)
        .find(|d| ev.ast.kind(*d) == Kind::Str);
    let text = text.map_or("", |d| ev.ast.text(d));
    let head = text.split("\\r\\n\\r\\n").next().unwrap_or_default();
    let value = ev.val(id);
    let arguments = ev.ast.child(id, Field::Arguments);
    let given: Vec<Id> = ev
        .ast
        .children(arguments)
        .skip_while(|a| ev.ast.kind(*a) != Kind::Str)
        .skip(1)
        .filter(|a| ev.ast.kind(*a) != Kind::Comment)
        .collect();
    let measured = |a: &Id| ev.val(*a).safe == Safe::ALL || ev.ast.text(*a).ends_with(".len()");
    if !given.is_empty() && given.iter().all(measured) {
        return;
    }
    if text.contains("HTTP/1.")
        && head.split("\\r\\n").skip(1).any(|line| line.contains('{'))
        && value.shape.has(Shape::BUILT)
        && value.safe != Safe::ALL
    {
        ev.hit("RS-HEADER-INJECTION", ev.ast.range(id));
    }
}

/// `println!("{}", password)`, `info!("{password}")`.
fn log_secret(ev: &mut Eval<'_, '_>, id: Id) {
    let shown = ev.ast.descendants(id).any(|d| match ev.ast.kind(d) {
        Kind::Name | Kind::Attr => {
            let name = match ev.ast.child(d, Field::Attribute) {
                NONE => ev.ast.text(d),
                attribute => ev.ast.text(attribute),
            };
            names::is_credential(name) && !ev.val(d).is_const() && !is_measured(ev, d)
        }
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
