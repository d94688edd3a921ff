//! .NET checks that rules as data cannot say, for C# and F#.

use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::path::last_part;
use crate::text::names;
use crate::text::redos::{Danger, judge};
use crate::value::Taint;

pub(crate) fn csharp(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Func => {
            antiforgery(ev, id);
            accepts_all_certificates(ev, id);
        }
        Kind::Call | Kind::New => call(ev, id, "CS"),
        Kind::Assign => random_secret(ev, id, "CS"),
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
        Kind::Assign => random_secret(ev, id, "FS"),
        Kind::Other if ev.ast.raw(id) == "extern_binding" => ev.hit("FS-PINVOKE", ev.ast.range(id)),
        _ => {}
    }
}

fn call(ev: &mut Eval<'_, '_>, id: Id, prefix: &str) {
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, id);
    let path = ev.val(parts.callee).path;
    let name = ev.syms.str(path).to_owned();
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

fn random_secret(ev: &mut Eval<'_, '_>, id: Id, prefix: &str) {
    let mut left = ev.ast.child(id, Field::Left);
    if left == NONE {
        left = ev.ast.child(id, Field::Name);
    }
    let mut right = ev.ast.child(id, Field::Right);
    if right == NONE {
        right = ev.ast.child(id, Field::Value);
    }
    let name = last_part(ev.ast.text(left));
    if right != NONE
        && ev.val(right).taint.has(Taint::WEAK_RANDOM)
        && names::is_secret(&names::snake(name))
    {
        ev.hit(&format!("{prefix}-RANDOM-SECRET"), ev.ast.range(id));
    }
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
