//! .NET checks that rules as data cannot say, for C# and F#.

use super::shared;
use crate::ast::{Field, Id, Kind};
use crate::engine::Eval;
use crate::path::last_part;
use crate::text::redos::{Danger, judge};

pub(crate) fn csharp(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Func => {
            antiforgery(ev, id);
            unsafe_method(ev, id);
            accepts_all_certificates(ev, id);
        }
        Kind::Call | Kind::New => call(ev, id, "CS"),
        Kind::Assign | Kind::Return => shared::random_secret(ev, "CS-RANDOM-SECRET", id),
        Kind::Other if ev.ast.raw(id) == "unsafe_statement" => ev.hit(
            "CS-UNSAFE",
            ev.ast.range(id).start..ev.ast.range(id).start + 6,
        ),
        _ => {}
    }
}

pub(crate) fn fsharp(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Call => call(ev, id, "FS"),
        Kind::Assign => shared::random_secret(ev, "FS-RANDOM-SECRET", id),
        Kind::Other if ev.ast.raw(id) == "extern_binding" => ev.hit("FS-PINVOKE", ev.ast.range(id)),
        _ => {}
    }
}

fn call(ev: &mut Eval<'_, '_>, id: Id, prefix: &str) {
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, id);
    let path = ev.val(parts.callee).path;
    let name = ev.syms.str(path).to_owned();
    if logs(&name) {
        let args = ev.args(&parts);
        shared::log_secret(ev, &format!("{prefix}-LOG-SECRET"), &args, |_| {});
    }
    let pattern_at = match name.as_str() {
        n if n.ends_with("Regex.IsMatch")
            || n.ends_with("Regex.Match")
            || n.ends_with("Regex.Matches")
            || n.ends_with("Regex.Replace") =>
        {
            1
        }
        n if last_part(n) == "Regex" => 0,
        _ => return,
    };
    let Some(arg) = parts.args.get(pattern_at) else {
        return;
    };
    let pattern = ev.val(arg.node).str().map(|s| ev.syms.str(s).to_owned());
    let limited = parts.args.iter().any(|a| {
        ev.ast.text(a.node).contains("TimeSpan") || ev.ast.text(a.node).contains("NonBacktracking")
    });
    if !limited && pattern.is_some_and(|p| judge(&p) == Danger::Exponential) {
        ev.hit(&format!("{prefix}-REDOS"), ev.ast.range(arg.node));
    }
}

fn logs(path: &str) -> bool {
    let last = last_part(path);
    matches!(
        last,
        "LogInformation"
            | "LogDebug"
            | "LogWarning"
            | "LogError"
            | "LogCritical"
            | "LogTrace"
            | "printfn"
            | "eprintfn"
    ) || matches!(last, "Write" | "WriteLine")
        && ["Console.", "Trace.", "Debug."]
            .iter()
            .any(|p| path.contains(p))
        || matches!(
            last,
            "Info" | "Debug" | "Warn" | "Error" | "Information" | "Warning"
        ) && path.to_ascii_lowercase().contains("log")
}

/// A controller method that changes something and does not check the anti-forgery token.
fn antiforgery(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let attributes: String = ast
        .children(id)
        .filter(|c| ast.raw(*c) == "attribute_list")
        .map(|c| ast.text(c))
        .collect();
    if !["HttpPost", "HttpPut", "HttpDelete", "HttpPatch"]
        .iter()
        .any(|a| attributes.contains(a))
    {
        return;
    }
    let class = ast.ancestor(id, &[Kind::Class]);
    let header_end = ast.node(ast.child(class, Field::Body)).start as usize;
    let header = ast
        .src
        .get(ast.node(class).start as usize..header_end.max(ast.node(class).start as usize))
        .unwrap_or_default();
    let covered = [attributes.as_str(), header].iter().any(|t| {
        t.contains("AntiForgery") || t.contains("Antiforgery") || t.contains("ApiController")
    });
    let api = header.contains("ControllerBase")
        || header.contains("ApiController")
        || attributes.contains("FromBody")
        || ast
            .text(ast.child(id, Field::Params))
            .contains("[FromBody]");
    if !covered && !api {
        let name = ast.child(id, Field::Name);
        ev.hit("CS-CSRF", ast.range(name));
    }
}

/// `unsafe void F(byte* p)`.
fn unsafe_method(ev: &mut Eval<'_, '_>, id: Id) {
    let modifier = ev
        .ast
        .children(id)
        .find(|c| ev.ast.raw(*c) == "modifier" && ev.ast.text(*c) == "unsafe");
    if let Some(modifier) = modifier {
        ev.hit("CS-UNSAFE", ev.ast.range(modifier));
    }
}

/// A certificate callback that says yes to everything.
fn accepts_all_certificates(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    if !ast
        .text(ast.child(id, Field::Params))
        .contains("SslPolicyErrors")
    {
        return;
    }
    let body: String = ast
        .text(ast.child(id, Field::Body))
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    if matches!(body.as_str(), "{returntrue;}" | "=>true" | "=>true;") {
        ev.hit("CS-NO-CERT-CHECK", ast.range(ast.child(id, Field::Name)));
    }
}
