//! JavaScript checks that rules as data cannot say.

use super::shared;
use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::{Arg, Eval};
use crate::path::last_part;
use crate::rule::{Confidence, Level};
use crate::text::redos::{Danger, judge};
use crate::value::{Const, Safe, Shape, Taint, Val};

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
        Kind::Func | Kind::Lambda => deep_write(ev, id),
        _ => {}
    }
}

/// Words that say a function looks at the names it copies.
const LOOKED_AT: &[&str] = &[
    "__proto__",
    "hasOwn",
    "prototype",
    "Object.create(null)",
    "isPlainObject",
    "new Map",
    "forbidden",
    "FORBIDDEN",
    "UNSAFE",
    "BLOCKED",
    "isSafe",
    "isUnsafe",
];

/// Functions that copy nested properties, or follow a path of names: both reach `__proto__`.
fn deep_write(ev: &mut Eval<'_, '_>, id: Id) {
    let text = ev.ast.text(id);
    if LOOKED_AT.iter().any(|w| text.contains(w)) {
        return;
    }
    if let Some(write) = recursive_merge(ev, id).or_else(|| path_write(ev, id)) {
        ev.hit_with("JS-PROTOTYPE-POLLUTION", ev.ast.range(write), |h| {
            h.confidence = Some(Confidence::Medium);
        });
    }
}

/// The name of a function, or of what it is assigned to.
fn name_of<'s>(ev: &Eval<'_, 's>, function: Id) -> &'s str {
    let name = ev.ast.lang.hooks.function_name(ev.ast, function);
    if name != NONE {
        return ev.ast.text(name);
    }
    let parent = ev.ast.parent(function);
    if ev.ast.kind(parent) == Kind::Assign {
        return ev.ast.text(ev.ast.child(parent, Field::Name));
    }
    ""
}

/// `a[k] = ...` below a function, where `a` comes from a parameter.
fn computed_writes(ev: &Eval<'_, '_>, id: Id) -> Vec<Id> {
    ev.ast
        .descendants(id)
        .filter(|d| {
            let left = ev.ast.child(*d, Field::Left);
            // What the caller passed in can have a prototype that others share; a new object has its own.
            ev.ast.kind(*d) == Kind::Assign
                && ev.ast.kind(left) == Kind::Index
                && passed_in(ev, &ev.val(ev.ast.child(left, Field::Object)))
                && !ev.val(ev.ast.child(left, Field::Index)).is_const()
        })
        .collect()
}

fn passed_in(ev: &Eval<'_, '_>, v: &Val) -> bool {
    let made_here = matches!(ev.ast.kind(v.def), Kind::Dict | Kind::List)
        || v.shape.has(Shape::DICT) && v.shape.has(Shape::LIST);
    v.taint.has(Taint::PARAM) && !made_here
}

/// `for (const k in b) a[k] = ...` in a function that calls itself: a merge that follows `__proto__`.
fn recursive_merge(ev: &Eval<'_, '_>, id: Id) -> Option<Id> {
    let text = ev.ast.text(id);
    let name = name_of(ev, id);
    let calls_itself = match ev.ast.kind(id) {
        Kind::Func => 2,
        _ => 1,
    };
    if name.is_empty() || text.matches(&format!("{name}(")).count() < calls_itself {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    let merges = [
        "merge", "extend", "assign", "deep", "clone", "set", "copy", "defaults", "patch", "apply",
    ]
    .iter()
    .any(|w| lower.contains(w));
    let over_names = |l: &str| (l.contains("for (") || l.contains("for(")) && l.contains(" in ");
    let loops = text.lines().any(over_names)
        || ["Object.keys(", "Object.entries(", "Reflect.ownKeys("]
            .iter()
            .any(|w| text.contains(w));
    if !merges || !loops {
        return None;
    }
    let writes = computed_writes(ev, id);
    // What copies the value counts more than what makes room for it (`a[k] = a[k] || {}`).
    let copies = |w: &&Id| {
        let right = ev.ast.child(**w, Field::Right);
        !matches!(ev.operator_kind(right), Kind::Logic | Kind::Dict)
    };
    writes
        .iter()
        .find(copies)
        .or_else(|| writes.first())
        .copied()
}

/// `at = at[key]` along `path.split('.')`, and a write at its end.
fn path_write(ev: &Eval<'_, '_>, id: Id) -> Option<Id> {
    let text = ev.ast.text(id);
    if !text.contains(".split(") || !(text.contains("for") || text.contains("while")) {
        return None;
    }
    let steps = ev.ast.descendants(id).any(|d| {
        let (left, right) = (
            ev.ast.child(d, Field::Left),
            ev.ast.peel(ev.ast.child(d, Field::Right)),
        );
        if ev.ast.kind(d) != Kind::Assign || ev.ast.kind(left) != Kind::Name {
            return false;
        }
        // `at = at[key]`, also `at = at[key] = at[key] || {}`.
        ev.ast.descendants(right).chain([right]).any(|r| {
            ev.ast.kind(r) == Kind::Index
                && ev.ast.text(ev.ast.child(r, Field::Object)) == ev.ast.text(left)
                && !ev.val(ev.ast.child(r, Field::Index)).is_const()
        })
    });
    let writes = computed_writes(ev, id);
    writes.last().copied().filter(|_| steps)
}

/// `callback(true)` for a certificate that Electron does not trust.
fn certificate_accepted(ev: &mut Eval<'_, '_>, id: Id, args: &[Arg<'_>]) {
    let [only] = args else { return };
    let accepts = matches!(only.val.konst, Const::Bool(true) | Const::Int(0));
    if !accepts || ev.ast.ancestor(id, &[Kind::If, Kind::Cond]) != NONE {
        return;
    }
    let function = ev.ast.ancestor(id, &[Kind::Lambda, Kind::Func]);
    let asked = ev.ast.parent(ev.ast.parent(function));
    if ev.ast.kind(asked) != Kind::Call {
        return;
    }
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, asked);
    let first = parts.args.first().map_or(NONE, |a| a.node);
    let event = ev.ast.text(first).trim_matches(['\'', '"']);
    let verify = ev
        .ast
        .text(parts.callee)
        .ends_with("setCertificateVerifyProc");
    if event == "certificate-error" || verify {
        ev.hit("JS-NO-CERT-CHECK", ev.ast.range(id));
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
    if parts.args.len() == 1 && ev.ast.kind(parts.callee) == Kind::Name {
        let args = ev.args(&parts);
        certificate_accepted(ev, id, &args);
    }
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
        "bunyan",
        "log4js.",
        "loglevel.",
        "signale.",
        "tslog.",
        "consola.",
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
    if written && key_value.taint.has(Taint::USER) && !key_value.safe.has(Safe::ALL) && nested {
        ev.hit_with("JS-PROTOTYPE-POLLUTION", ev.ast.range(parent), |h| {
            h.confidence = Some(Confidence::High);
        });
    }
    let called = ev.ast.kind(parent) == Kind::Call && ev.ast.node(id).field == Field::Function;
    if called && key_value.taint.has(Taint::UNTRUSTED) && !key_value.safe.has(Safe::ALL) {
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
    if computed(ev, &l) || computed(ev, &r) {
        ev.hit("JS-TIMING", ev.ast.range(id));
    }
}

/// A signature that was made here, also with a text before it (`sha256=`).
fn computed(ev: &Eval<'_, '_>, v: &Val) -> bool {
    let signature = |v: &Val| {
        let path = ev.syms.str(v.path);
        path.contains("createHmac()") && path.contains("digest")
    };
    signature(v)
        || matches!(ev.ast.kind(v.def), Kind::Binary | Kind::Str)
            && ev
                .ast
                .children(v.def)
                .any(|part| signature(&ev.val(ev.ast.peel(part))))
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
            if v.taint.has(Taint::USER)
                && !v.safe.has(Safe::ALL)
                && ev.syms.str(v.prefix).is_empty()
            {
                ev.hit("JS-REACT-URL", ev.ast.range(id));
            }
        }
        _ => {}
    }
}
