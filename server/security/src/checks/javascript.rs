//! JavaScript checks that rules as data cannot say.

use super::shared;
use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::path::last_part;
use crate::rule::{Confidence, Level};
use crate::text::redos::{Danger, judge};
use crate::value::{Safe, Taint};

pub(crate) fn check(ev: &mut Eval<'_, '_>, id: Id) {
    let node = *ev.ast.node(id);
    if node.field == Field::Body
        && node.kind != Kind::Block
        && ev.ast.kind(node.parent) == Kind::Lambda
    {
        shared::returned_random(ev, "JS-RANDOM-SECRET", id);
    }
    match ev.ast.kind(id) {
        Kind::Regex => {
            let pattern = ev.ast.text(ev.ast.first(id));
            regex(ev, id, pattern);
        }
        Kind::Call | Kind::New => call(ev, id),
        Kind::Index => index(ev, id),
        Kind::If => timing(ev, id),
        Kind::Binary => compare(ev, id),
        Kind::Assign | Kind::Return => shared::random_secret(ev, "JS-RANDOM-SECRET", id),
        Kind::Other if ev.ast.raw(id) == "jsx_attribute" => jsx(ev, id),
        Kind::Func => recursive_merge(ev, id),
        _ => {}
    }
}

/// `for (const k in b) a[k] = ...` in a function that calls itself: a merge that follows `__proto__`.
fn recursive_merge(ev: &mut Eval<'_, '_>, id: Id) {
    let text = ev.ast.text(id);
    let name = ev.ast.text(ev.ast.lang.hooks.function_name(ev.ast, id));
    let checked = [
        "__proto__",
        "hasOwn",
        "prototype",
        "Object.create(null)",
        "isPlainObject",
    ]
    .iter()
    .any(|w| text.contains(w));
    if name.is_empty() || checked || text.matches(&format!("{name}(")).count() < 2 {
        return;
    }
    let lower = text.to_ascii_lowercase();
    let merges = [
        "merge", "extend", "assign", "deep", "clone", "set", "copy", "defaults",
    ]
    .iter()
    .any(|w| name.to_ascii_lowercase().contains(w));
    let loops = lower.contains(" in ") || lower.contains("object.keys(");
    if !merges || !loops {
        return;
    }
    let write = ev.ast.descendants(id).find(|d| {
        ev.ast.kind(*d) == Kind::Assign && ev.ast.kind(ev.ast.child(*d, Field::Left)) == Kind::Index
    });
    if let Some(write) = write {
        ev.hit_with("JS-PROTOTYPE-POLLUTION", ev.ast.range(write), |h| {
            h.confidence = Some(Confidence::Medium);
        });
    }
}

fn regex(ev: &mut Eval<'_, '_>, id: Id, pattern: &str) {
    let danger = judge(pattern);
    if danger > Danger::None {
        ev.hit_with("JS-REDOS", ev.ast.range(id), |h| {
            if danger == Danger::Nested {
                h.level = Some(Level::Strict);
                h.confidence = Some(Confidence::Low);
            }
        });
    }
}

fn call(ev: &mut Eval<'_, '_>, id: Id) {
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, id);
    let path = ev.val(parts.callee).path;
    let path = ev.syms.str(path).to_owned();
    if logs(&path) {
        let args = ev.args(&parts);
        shared::log_secret(ev, "JS-LOG-SECRET", &args, |_| {});
    }
    match path.as_str() {
        "RegExp" => {
            let pattern = parts
                .args
                .first()
                .and_then(|a| ev.val(a.node).str())
                .map(|s| ev.syms.str(s).to_owned());
            if let Some(p) = pattern {
                regex(ev, id, &p);
            }
        }
        "require" => {
            let module = parts
                .args
                .first()
                .and_then(|a| ev.val(a.node).str())
                .map(|s| ev.syms.str(s).to_owned());
            let parent = ev.ast.parent(id);
            let kept = matches!(ev.ast.kind(parent), Kind::Assign | Kind::Attr);
            if matches!(
                module.as_deref(),
                Some("child_process" | "node:child_process")
            ) && !kept
            {
                ev.hit("JS-CHILD-PROCESS-REQUIRE", ev.ast.range(id));
            }
        }
        "express.methodOverride" => {
            let seen = ev.syms.get("express.csrf()#seen");
            if ev.scopes.get(seen).is_some() {
                ev.hit("JS-CSRF-ORDER", ev.ast.range(id));
            }
        }
        "express.csrf" => {
            let seen = ev.syms.get("express.csrf()#seen");
            ev.scopes.bind_global(seen, crate::value::Val::UNKNOWN);
        }
        _ => {}
    }
}

fn logs(path: &str) -> bool {
    matches!(
        last_part(path),
        "log" | "info" | "warn" | "error" | "debug" | "trace" | "write"
    ) && [
        "console.",
        "logger.",
        "log.",
        "winston.",
        "pino",
        "process.stdout.",
    ]
    .iter()
    .any(|p| path.starts_with(p) || path.contains(&format!(".{p}")))
}

/// `object[name]`, and the writes through it that reach the prototype.
fn index(ev: &mut Eval<'_, '_>, id: Id) {
    let key = ev.ast.child(id, Field::Index);
    let key_value = ev.val(key);
    if ev.ast.kind(key) == Kind::Name {
        ev.hit("JS-OBJECT-INJECTION", ev.ast.range(id));
    }
    let parent = ev.ast.parent(id);
    let written = ev.ast.kind(parent) == Kind::Assign && ev.ast.node(id).field == Field::Left;
    let object = ev.ast.child(id, Field::Object);
    let nested = ev.ast.kind(object) == Kind::Index;
    if written && key_value.taint.has(Taint::USER) && key_value.safe != Safe::ALL && nested {
        ev.hit_with("JS-PROTOTYPE-POLLUTION", ev.ast.range(parent), |h| {
            h.confidence = Some(Confidence::High);
        });
    }
    let called = ev.ast.kind(parent) == Kind::Call && ev.ast.node(id).field == Field::Function;
    if called && key_value.taint.has(Taint::UNTRUSTED) && key_value.safe != Safe::ALL {
        ev.hit_with("JS-DYNAMIC-METHOD", ev.ast.range(id), |_| {});
    }
}

const KEYWORDS: &[&str] = &[
    "password", "secret", "api", "apiKey", "token", "auth", "pass", "hash",
];

fn timing(ev: &mut Eval<'_, '_>, id: Id) {
    let condition = ev.ast.peel(ev.ast.child(id, Field::Condition));
    if ev.ast.kind(condition) != Kind::Binary
        || !matches!(
            ev.ast.text(ev.ast.child(condition, Field::Operator)),
            "==" | "===" | "!=" | "!=="
        )
    {
        return;
    }
    for side in [Field::Left, Field::Right] {
        let node = ev.ast.child(condition, side);
        if ev.ast.kind(node) == Kind::Name && KEYWORDS.contains(&ev.ast.text(node)) {
            ev.hit("JS-TIMING-NAME", ev.ast.range(id));
            return;
        }
    }
}

/// A computed signature compared with an operator.
fn compare(ev: &mut Eval<'_, '_>, id: Id) {
    if !matches!(
        ev.ast.text(ev.ast.child(id, Field::Operator)),
        "==" | "===" | "!=" | "!=="
    ) {
        return;
    }
    let (l, r) = (
        ev.val(ev.ast.child(id, Field::Left)),
        ev.val(ev.ast.child(id, Field::Right)),
    );
    if l.is_const() || r.is_const() {
        return;
    }
    let computed = |v: &crate::value::Val| {
        ev.syms.str(v.path).contains("createHmac()") && ev.syms.str(v.path).contains("digest")
    };
    if computed(&l) || computed(&r) {
        ev.hit("JS-TIMING", ev.ast.range(id));
    }
}

/// `dangerouslySetInnerHTML={{__html: x}}` and `href={x}` in JSX.
fn jsx(ev: &mut Eval<'_, '_>, id: Id) {
    let name = ev.ast.text(ev.ast.first(id));
    let Some(value) = ev.ast.children(id).last() else {
        return;
    };
    let inner = ev.ast.first(value);
    match name {
        "dangerouslySetInnerHTML" => {
            let dict = ev.val(inner).def;
            let html = if ev.ast.kind(dict) == Kind::Dict {
                ev.dict_entry(dict, "__html")
            } else {
                inner
            };
            let v = ev.val(html);
            let safe = Safe::named("html").unwrap_or_default();
            if html != NONE && !v.is_const() && !v.safe.has(safe) {
                ev.hit("JS-REACT-HTML", ev.ast.range(id));
            }
        }
        "href" | "src" => {
            let v = ev.val(inner);
            if v.taint.has(Taint::USER) && v.safe != Safe::ALL && ev.syms.str(v.prefix).is_empty() {
                ev.hit("JS-REACT-URL", ev.ast.range(id));
            }
        }
        _ => {}
    }
}
