//! Comparisons that tell more than they should, and checks of files that do not hold.

use crate::ast::{Field, Id, Kind};
use crate::engine::Eval;

/// Names of what must be compared in constant time.
const HOT: &[&str] = &[
    "signature",
    "hmac",
    "password",
    "passwd",
    "secret",
    "otp",
    "totp",
    "csrf",
];

/// Names of what may be.
const WEAK: &[&str] = &[
    "mac", "sig", "key", "token", "hash", "digest", "code", "apikey", "tag",
];

/// Names of what is brought before, or expected.
const MET: &[&str] = &[
    "expected",
    "computed",
    "provided",
    "received",
    "given",
    "supplied",
    "presented",
    "calculated",
    "stored",
    "submitted",
    "configured",
];

/// Names of what is compared for other reasons.
const OTHER: &[&str] = &[
    "confirm",
    "confirmation",
    "confirmed",
    "repeat",
    "repeated",
    "again",
    "new",
    "old",
    "len",
    "length",
    "count",
    "kind",
    "type",
    "id",
    "name",
    "index",
    "version",
    "field",
    "path",
    "url",
    "none",
    "status",
    "algorithm",
    "alg",
    "size",
    "label",
    "empty",
    "mode",
];

/// `expected_mac == received`.
pub(super) fn secrets(ev: &mut Eval<'_, '_>, id: Id) {
    let operator = ev.ast.text(ev.ast.child(id, Field::Operator));
    if !matches!(operator, "==" | "!=") {
        return;
    }
    let sides = [Field::Left, Field::Right].map(|side| ev.ast.child(id, side));
    if sides.iter().any(|side| !is_value(ev, *side)) {
        return;
    }
    let names = sides.map(|side| last_name(ev.ast.text(side)));
    let words = |of: &[&str]| {
        names
            .iter()
            .flat_map(|name| name.split('_'))
            .any(|word| of.contains(&word))
    };
    if words(OTHER) {
        return;
    }
    let known = words(&["mac", "sig", "signature", "hmac"]) || {
        let around = ev
            .ast
            .text(ev.ast.ancestor(id, &[Kind::Func, Kind::Module]));
        [
            "secret", "hmac", "Hmac", "auth", "Auth", "api_key", "bearer", "password", "cookie",
        ]
        .iter()
        .any(|word| around.contains(word))
    };
    if words(HOT) || known && words(WEAK) && words(MET) {
        ev.hit("RS-TIMING", ev.ast.range(id));
    }
}

/// Neither a constant nor a variant of an enumeration.
fn is_value(ev: &Eval<'_, '_>, id: Id) -> bool {
    let text = ev.ast.text(id);
    let capitals = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    !ev.val(id).is_const()
        && !text.chars().all(capitals)
        && !matches!(
            ev.ast.kind(ev.ast.peel(id)),
            Kind::Str | Kind::Int | Kind::List
        )
        && (!text.ends_with("()") || text.ends_with("as_bytes()") || text.ends_with("as_str()"))
        && (!text.contains("::") || text.contains('('))
        && !text.starts_with("Some(")
        && !text.contains("b'")
}

/// `self.secret.as_bytes()` as `secret`.
fn last_name(text: &str) -> String {
    let text = text.trim_start_matches(['&', '*', '(']);
    let text = [".as_bytes()", ".as_str()", ".as_ref()", ".to_string()"]
        .iter()
        .fold(text, |text, end| text.strip_suffix(end).unwrap_or(text));
    let text = text.split(['(', '[']).next().unwrap_or_default();
    let text = text.rsplit(['.', ':']).next().unwrap_or_default();
    text.to_ascii_lowercase()
}

/// `if !path.exists() { fs::write(path, ..) }`
pub(super) fn checked_file(ev: &mut Eval<'_, '_>, id: Id) {
    let condition = ev.ast.text(ev.ast.child(id, Field::Condition));
    let Some((head, _)) = condition.split_once(".exists()") else {
        return;
    };
    let name = head
        .rsplit(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.'))
        .next()
        .unwrap_or_default();
    let start = ev.ast.range(id).start;
    let end = ev
        .ast
        .range(ev.ast.ancestor(id, &[Kind::Func, Kind::Module]))
        .end;
    let rest = ev.ast.src.get(start..end).unwrap_or_default();
    let used = ["fs::write(", "File::create("]
        .iter()
        .flat_map(|call| rest.split(call).skip(1))
        .any(|args| {
            let after = args.trim_start_matches('&').strip_prefix(name);
            after.is_some_and(|after| after.starts_with([',', ')', '.']))
        });
    if used && !name.is_empty() && !rest.contains("create_new") {
        ev.hit("RS-TOCTOU", start..start + 2);
    }
}
