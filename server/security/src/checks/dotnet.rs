//! .NET checks that rules as data cannot say, for C# and F#.

use super::shared;
use crate::ast::{Field, Id, Kind, NONE};
use crate::engine::Eval;
use crate::path::last_part;
use crate::rule::Level;
use crate::text::names;
use crate::text::redos::{Danger, judge};
use crate::value::{Const, Taint};

pub(crate) fn csharp(ev: &mut Eval<'_, '_>, id: Id) {
    match ev.ast.kind(id) {
        Kind::Func => {
            antiforgery(ev, id);
            unsafe_method(ev, id);
            accepts_all_certificates(ev, id);
            anonymous_change(ev, id);
        }
        Kind::Call | Kind::New => {
            call(ev, id, "CS");
            csharp_call(ev, id);
        }
        Kind::Binary => timing(ev, id),
        Kind::Block => freed(ev, id),
        Kind::Assign | Kind::Return => shared::random_secret(ev, "CS-RANDOM-SECRET", id),
        Kind::Other => match ev.ast.raw(id) {
            "unsafe_statement" => {
                let start = ev.ast.range(id).start;
                ev.hit("CS-UNSAFE", start..start + 6);
            }
            "array_creation_expression" => array_size(ev, id),
            "stackalloc_expression" => stack_size(ev, id),
            _ => {}
        },
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

/// Calls that C# alone asks about.
fn csharp_call(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let parts = ast.lang.hooks.call_parts(ast, id);
    let path = ev.val(parts.callee).path;
    let path = ev.syms.str(path).to_owned();
    let receiver = ast.lang.hooks.receiver(ast, parts.callee);
    let args: Vec<Id> = parts.args.iter().map(|a| a.node).collect();
    match last_part(&path) {
        "Deserialize" | "ReadObject" => {
            let maker = path.rsplit("().").nth(1).map_or("", last_part);
            let runs_code = matches!(
                maker,
                "BinaryFormatter"
                    | "SoapFormatter"
                    | "NetDataContractSerializer"
                    | "LosFormatter"
                    | "ObjectStateFormatter"
            );
            if runs_code && matches!(ast.kind(receiver), Kind::Name | Kind::Attr) {
                ev.hit("CS-BINARY-FORMATTER", ast.range(id));
            }
        }
        "Append" | "Add" | "Insert" | "AppendFormat" => {
            let weak = args
                .iter()
                .any(|a| ev.val(*a).taint.has(Taint::WEAK_RANDOM));
            if weak && names::is_secret(&shared::target_name(ev, receiver)) {
                ev.hit("CS-RANDOM-SECRET", ast.range(id));
            }
        }
        "NextBytes" => {
            let target = args.first().copied().unwrap_or(NONE);
            let weak = ev.val(receiver).taint.has(Taint::WEAK_RANDOM);
            if weak && names::is_secret(&shared::target_name(ev, target)) {
                ev.hit("CS-RANDOM-SECRET", ast.range(id));
            }
        }
        "Equals" | "CompareTo" | "Compare" | "SequenceEqual" | "CompareOrdinal" => {
            let sides: Vec<Id> = match (args.as_slice(), path.as_str()) {
                (
                    [a, b, ..],
                    "string.Equals"
                    | "String.Equals"
                    | "string.Compare"
                    | "String.Compare"
                    | "string.CompareOrdinal"
                    | "String.CompareOrdinal",
                ) => {
                    vec![*a, *b]
                }
                ([a, ..], _) => vec![receiver, *a],
                _ => return,
            };
            compared(ev, id, &sides);
        }
        "StartsWith" | "Contains" => {
            let from = ev.val(receiver).path;
            if forwarded(ev.syms.str(from)) {
                ev.hit("CS-TRUSTED-INPUT", ast.range(id));
            }
        }
        "Sleep" | "Delay" => {
            if let Some(at) = args.first().filter(|a| unbounded(ev, **a)) {
                ev.hit("CS-SIZE-LIMIT", ast.range(*at));
            }
        }
        "strcpy" | "strcat" | "sprintf" | "vsprintf" | "gets" | "wcscpy" | "wcscat" | "lstrcpy"
        | "lstrcpyA" | "lstrcpyW" | "lstrcat" | "lstrcatA" | "lstrcatW" | "scanf"
            if receiver == NONE || path.contains("NativeMethods.") =>
        {
            ev.hit("CS-UNSAFE", ast.range(id));
        }
        _ => {}
    }
}

fn forwarded(path: &str) -> bool {
    [
        "X-Forwarded-For",
        "X-Real-IP",
        "X-Client-IP",
        "X-Original-For",
    ]
    .iter()
    .any(|h| path.contains(h))
}

/// `==` and `!=` stop at the first difference, and so tell how much of a secret was right.
fn timing(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    if !matches!(ast.text(ast.child(id, Field::Operator)), "==" | "!=") {
        return;
    }
    let sides = [ast.child(id, Field::Left), ast.child(id, Field::Right)];
    compared(ev, id, &sides);
}

fn compared(ev: &mut Eval<'_, '_>, id: Id, sides: &[Id]) {
    let mut authenticates = false;
    for side in sides {
        let side = ev.ast.peel(*side);
        let v = ev.val(side);
        if forwarded(ev.syms.str(v.path)) {
            ev.hit("CS-TRUSTED-INPUT", ev.ast.range(id));
        }
        if side == NONE || v.is_const() || v.konst != Const::Unknown {
            return;
        }
        authenticates |= authenticator(ev, side);
    }
    // A form compares what was typed twice, and a compiler the signatures of methods: neither is a secret.
    let other = sides.iter().any(|s| {
        let text = ev.ast.text(*s).to_ascii_lowercase();
        [
            "confirm", "method", "type", "member", "function", "symbol", "delegate",
        ]
        .iter()
        .any(|w| text.contains(w))
    });
    if authenticates && !other {
        ev.hit("CS-TIMING", ev.ast.range(id));
    }
}

/// Whether a name or a call says that this is a signature, a code of authentication or a key.
fn authenticator(ev: &Eval<'_, '_>, id: Id) -> bool {
    let ast = ev.ast;
    let mut at = id;
    for _ in 0..4 {
        match ast.kind(at) {
            Kind::Index => at = ast.child(at, Field::Object),
            Kind::Call => {
                let callee = ast.child(at, Field::Function);
                let name = last_part(ast.text(callee));
                if matches!(
                    name,
                    "Sign" | "ComputeHmac" | "ComputeSignature" | "ComputeMac"
                ) {
                    return true;
                }
                at = ast.child(callee, Field::Object);
            }
            _ => break,
        }
    }
    let name = shared::target_name(ev, at);
    let name = name.trim_start_matches('_');
    [
        "signature",
        "hmac",
        "api_key",
        "token_hash",
        "password_hash",
        "csrf_token",
    ]
    .iter()
    .any(|w| name.contains(w))
        || name == "mac"
        || name.ends_with("_mac")
        || name.ends_with("api_secret")
}

/// An `int` of a request that nothing limits.
fn unbounded(ev: &mut Eval<'_, '_>, id: Id) -> bool {
    let ast = ev.ast;
    let id = ast.peel(id);
    let function = ast.ancestor(id, &[Kind::Func, Kind::Lambda]);
    if ast.kind(id) != Kind::Name || function == NONE {
        return false;
    }
    let name = ast.text(id);
    let declared = ast
        .lang
        .hooks
        .params(ast, function)
        .into_iter()
        .find(|p| p.name == name);
    let Some(param) = declared else {
        return false;
    };
    if !matches!(ast.text(param.ty), "int" | "long" | "uint" | "int?")
        || !ast.lang.hooks.is_handler(ev, function)
    {
        return false;
    }
    let before = ast
        .src
        .get(ast.range(function).start..ast.range(id).start)
        .unwrap_or_default();
    let limited = [" >", " <", " is >", " is <"]
        .iter()
        .any(|op| before.contains(&format!("{name}{op}")))
        || [
            "Math.Min(",
            "Clamp(",
            "[Range",
            "Range(",
            "ThrowIf",
            "Validate",
        ]
        .iter()
        .any(|w| before.contains(w));
    !limited
}

/// `new byte[size]` with a size of a request.
fn array_size(ev: &mut Eval<'_, '_>, id: Id) {
    if let Some(size) = rank(ev, id)
        && unbounded(ev, size)
    {
        ev.hit("CS-SIZE-LIMIT", ev.ast.range(id));
    }
}

/// `stackalloc byte[size]` with a size that is not known: the stack ends the process when it is full.
fn stack_size(ev: &mut Eval<'_, '_>, id: Id) {
    let Some(size) = rank(ev, id) else {
        return;
    };
    let ast = ev.ast;
    let inner = ast.peel(size);
    let v = ev.val(inner);
    if v.is_const() || ast.kind(inner) != Kind::Name {
        return;
    }
    let name = ast.text(inner);
    let function = ast.ancestor(id, &[Kind::Func, Kind::Lambda, Kind::Module]);
    let before = ast
        .src
        .get(ast.range(function).start..ast.range(id).end)
        .unwrap_or_default();
    let limited = [
        " >",
        " <",
        ") >",
        " is >",
        " is <",
        " = Math.Min",
        " = Math.Clamp",
    ]
    .iter()
    .any(|op| before.contains(&format!("{name}{op}")))
        || before.contains("ThrowIf");
    if !limited {
        ev.hit("CS-UNSAFE", ast.range(id));
    }
}

fn rank(ev: &Eval<'_, '_>, id: Id) -> Option<Id> {
    let ast = ev.ast;
    let rank = ast
        .children(ast.child(id, Field::Type))
        .find(|c| ast.raw(*c) == "array_rank_specifier")?;
    let size = ast.first(rank);
    (size != NONE).then_some(size)
}

/// Memory that a statement of a block gave back and a later one of the same block uses or gives back again.
fn freed(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let mut gone: Vec<&str> = Vec::new();
    for statement in ast.children(id) {
        let text = ast.text(statement);
        if !gone.is_empty() {
            gone.retain(|name| !text.starts_with(&format!("{name} =")));
            if let Some(name) = gone.iter().find(|name| mentions(text, name)).copied() {
                ev.hit("CS-UNSAFE", ast.range(statement));
                gone.retain(|n| *n != name);
            }
        }
        if ast.kind(statement) == Kind::Stmt && text.len() < 120 && text.contains("Free") {
            let call = ast.peel(ast.first(statement));
            let parts = ast.lang.hooks.call_parts(ast, call);
            let frees = matches!(
                last_part(ast.text(parts.callee)),
                "FreeHGlobal" | "FreeCoTaskMem" | "FreeBSTR" | "Free" | "AlignedFree"
            );
            let name = parts.args.first().map_or("", |a| ast.text(a.node));
            if ast.kind(call) == Kind::Call && frees && !name.is_empty() && gone.len() < 8 {
                gone.push(name);
            }
        }
    }
}

/// Whether a name stands in a text as a word.
fn mentions(text: &str, name: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().last());
        let after = text.get(at + name.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(word) && !after.is_some_and(word)
    })
}

/// An action that deletes or gives rights, open to those who have not signed in.
fn anonymous_change(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let name = ast.text(ast.child(id, Field::Name));
    let changes = [
        "Delete", "Remove", "Purge", "Grant", "Promote", "SetRole", "Admin", "Shutdown",
    ]
    .iter()
    .any(|w| name.starts_with(w));
    let attribute = ast
        .children(id)
        .filter(|c| ast.raw(*c) == "attribute_list")
        .find(|c| ast.text(*c).contains("AllowAnonymous"));
    if let (true, Some(attribute)) = (changes, attribute) {
        ev.hit_with("CS-AUTHORIZATION", ast.range(attribute), |hit| {
            hit.level = Some(Level::Moderate);
        });
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
    let Some(modifier) = modifier else {
        return;
    };
    // Reading an array through a pinned pointer is what the modifier is for; buffers on the stack are what overflows,
    // and pointers that come without a length.
    let body = ev.ast.text(ev.ast.child(id, Field::Body));
    let params = ev.ast.text(ev.ast.child(id, Field::Params));
    let level = (!body.contains("stackalloc") && !params.contains('*')).then_some(Level::Strict);
    ev.hit_with("CS-UNSAFE", ev.ast.range(modifier), |hit| hit.level = level);
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
