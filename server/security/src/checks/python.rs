//! Python checks that rules as data cannot say.

mod passwords;
mod sql;

use passwords::{assigned_password, compared_password, defaults, dict_password};
use sql::{django_extra, sql_concat, sql_literal};

use super::shared;
use crate::ast::{Field, Id, Kind};
use crate::engine::{Arg, Eval};
use crate::path::last_part;
use crate::rule::{Confidence, Level};
use crate::text::names;
use crate::text::redos::{Danger, judge};
use crate::value::{Shape, Taint};

const PROCESS: &[&str] = &[
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.run",
];
const SHELLS: &[&str] = &[
    "os.system",
    "os.popen",
    "os.popen2",
    "os.popen3",
    "os.popen4",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "commands.getoutput",
    "commands.getstatusoutput",
];

pub(crate) fn check(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Assert => ev.hit("PY-ASSERT", ev.ast.range(id)),
        Kind::Catch => except(ev, id),
        Kind::Assign => {
            assigned_password(ev, id);
            shared::random_secret(ev, "PY-RANDOM-SECRET", id);
        }
        Kind::Dict => dict_password(ev, id),
        Kind::Compare => {
            compared_password(ev, id);
            timing(ev, id);
        }
        Kind::Func => defaults(ev, id),
        Kind::Call => call(ev, id),
        Kind::Str => sql_literal(ev, id),
        Kind::Binary => sql_concat(ev, id),
        Kind::Decorator => {
            let path = ev.val(ev.ast.first(id)).path;
            if ev.syms.str(path) == "django.utils.safestring.mark_safe" {
                ev.hit("PY-MARK-SAFE", ev.ast.range(id));
            }
        }
        Kind::Return => {
            shared::random_secret(ev, "PY-RANDOM-SECRET", id);
            error_shown(ev, id);
            flask_return(ev, id);
            origin_accepted(ev, id);
        }
        Kind::Index => globals_index(ev, id),
        _ => {}
    }
}

/// `def check_origin(self, origin): return True`: every site may open the socket.
fn origin_accepted(ev: &mut Eval<'_, '_>, id: Id) {
    let function = ev.ast.ancestor(id, &[Kind::Func]);
    let name = ev.ast.text(ev.ast.child(function, Field::Name));
    let always = ev.ast.kind(ev.ast.first(id)) == Kind::True
        && ev.ast.kind(ev.ast.parent(ev.ast.parent(id))) == Kind::Func;
    if name == "check_origin" && always {
        ev.hit("PY-WEBSOCKET-ORIGIN", ev.ast.range(id));
    }
}

fn except(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let body = ast.child_of_kind(id, Kind::Block);
    let typed = ast
        .children(id)
        .find(|c| !matches!(ast.kind(*c), Kind::Block | Kind::Comment));
    if let Some(t) = typed {
        let name = if ast.raw(t) == "as_pattern" {
            ast.text(ast.first(t))
        } else {
            ast.text(t)
        };
        if name != "Exception" {
            return;
        }
    }
    let mut statements = ast.children(body).filter(|c| ast.kind(*c) != Kind::Comment);
    let (Some(only), None) = (statements.next(), statements.next()) else {
        return;
    };
    match ast.kind(only) {
        Kind::Pass => ev.hit("PY-EXCEPT-PASS", ev.ast.range(id)),
        Kind::Jump if ast.raw(only) == "continue_statement" => {
            ev.hit("PY-EXCEPT-CONTINUE", ev.ast.range(id));
        }
        _ => {}
    }
}

fn literal(ev: &Eval<'_, '_>, id: Id) -> bool {
    ev.ast.kind(id) == Kind::Str && ev.val(id).str().is_some()
}

fn target_name<'s>(ev: &Eval<'_, 's>, id: Id) -> &'s str {
    match ev.ast.kind(id) {
        Kind::Name => ev.ast.text(id),
        Kind::Attr => ev.ast.text(ev.ast.child(id, Field::Attribute)),
        _ => "",
    }
}

fn timing(ev: &mut Eval<'_, '_>, id: Id) {
    let parts: Vec<Id> = ev
        .ast
        .children(id)
        .filter(|c| ev.ast.node(*c).field != Field::Operator)
        .collect();
    let (Some(&l), Some(&r)) = (parts.first(), parts.get(1)) else {
        return;
    };
    if !matches!(ev.ast.text(ev.ast.child(id, Field::Operator)), "==" | "!=")
        || ev.val(l).is_const()
        || ev.val(r).is_const()
    {
        return;
    }
    let computed = |n: Id| {
        let path = ev.syms.str(ev.val(n).path);
        path.contains("hmac.") && (path.ends_with("digest()") || path.ends_with("digest"))
    };
    if computed(l) || computed(r) {
        ev.hit("PY-TIMING", ev.ast.range(id));
    }
}

fn call(ev: &mut Eval<'_, '_>, id: Id) {
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, id);
    let args = ev.args(&parts);
    let path = ev.val(parts.callee).path;
    let path = ev.syms.str(path).to_owned();
    for a in &args {
        if !a.name.is_empty() && literal(ev, a.node) && names::is_bandit_password(a.name) {
            ev.hit("PY-PASSWORD-ARGUMENT", ev.ast.range(a.node));
        }
    }
    match path.as_str() {
        "importlib.import_module" | "importlib.__import__" | "__import__" => {
            if let Some(name) = args.first().and_then(|a| a.val.str()) {
                let name = ev.syms.str(name).to_owned();
                ev.imported(&name, id);
            }
        }
        "re.match" | "re.search" | "re.compile" | "re.findall" | "re.fullmatch" | "re.sub"
        | "re.split" | "re.finditer" => {
            let pattern = args
                .first()
                .and_then(|a| a.val.str())
                .map(|s| ev.syms.str(s).to_owned());
            if let (Some(p), Some(a)) = (pattern, args.first())
                && judge(&p) == Danger::Exponential
            {
                ev.hit("PY-REDOS", ev.ast.range(a.node));
            }
        }
        _ => {}
    }
    if PROCESS.contains(&path.as_str())
        || SHELLS.contains(&path.as_str())
        || path.starts_with("os.exec")
        || path.starts_with("os.spawn")
        || path == "os.startfile"
    {
        partial_path(ev, id, &args);
    }
    match last_part(&path) {
        "extra" => django_extra(ev, id, &args),
        "mark_safe" | "SafeText" | "SafeUnicode" | "SafeString" | "SafeBytes"
            if path.contains("safestring") =>
        {
            mark_safe(ev, id, &args);
        }
        _ => {}
    }
    log_secret(ev, &path, &args);
    exfiltration(ev, id, &path, &args);
}

fn partial_path(ev: &mut Eval<'_, '_>, id: Id, args: &[Arg<'_>]) {
    let Some(first) = args.first().filter(|a| a.name.is_empty()) else {
        return;
    };
    let mut node = first.node;
    if ev.ast.kind(node) == Kind::List {
        node = ev.ast.first(node);
    }
    if !literal(ev, node) {
        return;
    }
    let Some(s) = ev.val(node).str() else { return };
    let text = ev.syms.str(s);
    let full = text.starts_with(['/', '\\', '.']) || text.as_bytes().get(1) == Some(&b':');
    if !full {
        ev.hit("PY-PARTIAL-PATH", ev.ast.range(id));
    }
}

fn mark_safe(ev: &mut Eval<'_, '_>, id: Id, args: &[Arg<'_>]) {
    let Some(a) = args.first() else { return };
    let v = a.val;
    let fixed = v.is_const() && !v.shape.has(Shape::FREE);
    if !fixed
        && v.safe != crate::value::Safe::ALL
        && !v
            .safe
            .has(crate::value::Safe::named("html").unwrap_or_default())
    {
        ev.hit("PY-MARK-SAFE-DYNAMIC", ev.ast.range(id));
    } else if !matches!(ev.ast.kind(a.node), Kind::Str) || v.str().is_none() {
        // Constant only by way of variables: strict policies want to see it.
        ev.hit_with("PY-MARK-SAFE-DYNAMIC", ev.ast.range(id), |h| {
            h.level = Some(Level::Strict);
            h.confidence = Some(Confidence::Low);
        });
    }
}

fn log_secret(ev: &mut Eval<'_, '_>, path: &str, args: &[Arg<'_>]) {
    let level = matches!(
        last_part(path),
        "debug" | "info" | "warning" | "error" | "critical" | "exception" | "log"
    );
    let logs = path == "print"
        || level
            && (path.starts_with("logging.")
                || path.contains("logger")
                || path.starts_with("log."));
    if !logs {
        return;
    }
    shared::log_secret(ev, "PY-LOG-SECRET", args, |h| {
        if path == "print" {
            h.confidence = Some(Confidence::Low);
        }
    });
}

/// A view that returns text built from outside input.
fn flask_return(ev: &mut Eval<'_, '_>, id: Id) {
    let value = ev.ast.first(id);
    let v = ev.val(value);
    let html = crate::value::Safe::named("html").unwrap_or_default();
    if !v.taint.has(Taint::USER)
        || v.safe.has(html)
        || v.safe == crate::value::Safe::ALL
        || !v.shape.has(Shape::BUILT)
            && !matches!(ev.ast.kind(value), Kind::Name | Kind::Attr | Kind::Index)
    {
        return;
    }
    let html_framework = ev.imports_module("flask")
        || ev.imports_module("bottle")
        || ev.imports.is_empty() && ev.ast.text(value).contains('<');
    if html_framework && v.shape.has(Shape::BUILT) && is_route(ev, id) {
        ev.hit_with("PY-XSS", ev.ast.range(id), |h| {
            h.confidence = Some(Confidence::High);
        });
    }
}

/// Whether the function around answers requests.
fn is_route(ev: &mut Eval<'_, '_>, id: Id) -> bool {
    let function = ev.ast.ancestor(id, &[Kind::Func]);
    let ast = ev.ast;
    let decorators: Vec<Id> = ast
        .children(ast.parent(function))
        .filter(|c| ast.kind(*c) == Kind::Decorator)
        .collect();
    decorators.into_iter().any(|d| {
        let path = ev.val(ast.first(d)).path;
        ev.info(path).handler || ev.syms.str(path).ends_with(".errorhandler()")
    })
}

/// A view that answers with what an exception says.
fn error_shown(ev: &mut Eval<'_, '_>, id: Id) {
    if ![
        "flask",
        "django",
        "fastapi",
        "bottle",
        "aiohttp",
        "starlette",
    ]
    .iter()
    .any(|m| ev.imports_module(m))
        && !is_route(ev, id)
    {
        return;
    }
    let catch = ev.ast.ancestor(id, &[Kind::Catch, Kind::Func]);
    let text = ev.ast.text(id);
    if ev.ast.kind(catch) != Kind::Catch {
        if text.contains("format_exc(") && is_route(ev, id) {
            ev.hit("PY-ERROR-SHOWN", ev.ast.range(id));
        }
        return;
    }
    let trace = text.contains("format_exc(") || text.contains("sys.exc_info(");
    let shown = trace || {
        let pattern = ev.ast.first(catch);
        let alias = ev
            .ast
            .text(pattern)
            .rsplit(" as ")
            .next()
            .unwrap_or_default()
            .trim();
        let named = ev.ast.text(pattern).contains(" as ") && !alias.is_empty();
        named
            && ["str", "repr"]
                .iter()
                .any(|f| text.contains(&format!("{f}({alias})")))
            || named
                && (text.contains(&format!("{{{alias}}}"))
                    || text.contains(&format!("{alias}.args")))
    };
    if shown {
        ev.hit("PY-ERROR-SHOWN", ev.ast.range(id));
    }
}

fn globals_index(ev: &mut Eval<'_, '_>, id: Id) {
    let base = ev.val(ev.ast.child(id, Field::Value)).path;
    let key = ev.val(ev.ast.child(id, Field::Index));
    if matches!(ev.syms.str(base), "globals()" | "locals()" | "vars()")
        && key.taint.has(Taint::UNTRUSTED)
        && key.safe != crate::value::Safe::ALL
    {
        ev.hit("PY-UNSAFE-REFLECTION", ev.ast.range(id));
    }
}

fn exfiltration(ev: &mut Eval<'_, '_>, id: Id, path: &str, args: &[Arg<'_>]) {
    let sends = matches!(
        last_part(path),
        "post" | "put" | "patch" | "request" | "urlopen" | "send" | "sendall" | "get"
    ) && [
        "requests.",
        "httpx.",
        "urllib",
        "socket.",
        "aiohttp.",
        "http.client.",
    ]
    .iter()
    .any(|p| path.starts_with(p));
    if !sends {
        return;
    }
    for a in args {
        if matches!(
            a.name,
            "headers" | "auth" | "cert" | "verify" | "timeout" | "cookies" | "proxies"
        ) {
            continue;
        }
        let whole_environment = a.val.taint.has(Taint::ENV) && {
            let t = ev.ast.text(a.node);
            t.contains("os.environ") && !t.contains("os.environ[") && !t.contains("os.environ.get")
        };
        if a.val.taint.has(Taint::SECRET) || whole_environment {
            ev.hit("PY-SECRET-EXFILTRATION", ev.ast.range(id));
            return;
        }
    }
}
