//! Checks that a program makes on its input: a variable that passed one counts as safe behind it.

use super::Eval;
use crate::ast::{Field, Id, Kind, NONE};
use crate::path::{Sym, last_part};
use crate::value::{Safe, Val};

/// A variable, what the check makes it safe for, and the outcome of the condition under which it holds.
struct Guard {
    name: Sym,
    safe: Safe,
    when: bool,
    /// What the name stands for when nothing has bound it: a property that was checked where it is.
    val: Option<Val>,
}

/// Whether a value stands in a list of known ones, in lower case.
const MEMBERS: &[&str] = &[
    "includes",
    "has",
    "contains",
    "containskey",
    "hasownproperty",
    "contains_key",
    "indexof",
    "some",
    "any",
];

/// Whether a value looks as it should, in lower case.
const SHAPES: &[&str] = &[
    "match",
    "fullmatch",
    "test",
    "ismatch",
    "is_match",
    "isdigit",
    "isalnum",
    "isnumeric",
    "isdecimal",
    "isidentifier",
    "isalpha",
    "tryparse",
    "isinteger",
    "isin",
    "hasownpropery",
    "is_file",
    "issubset",
    "is_relative_to",
    "islocalurl",
    "isip",
    "isipv4",
    "isipv6",
    "isuuid",
    "isemail",
    "isint",
    "issafeinteger",
    "isfinite",
    "isnumber",
    "isalphanumeric",
    "ishexadecimal",
    "ismongoid",
    "ismobilephone",
    "isport",
    "isslug",
    "islocale",
    "isiso8601",
    "isnan",
    "isletter",
    "isletterordigit",
    "isasciiletter",
    "isasciiletterordigit",
    "isasciidigit",
];

/// What the names of a program's own checks contain.
const NAMED: &[&str] = &[
    "valid",
    "safe",
    "allowed",
    "whitelist",
    "allowlist",
    "trusted",
    "is_local",
    "sanit",
    "authorized",
    "permitted",
    "verify",
];

impl Eval<'_, '_> {
    /// On entering a branch: what the condition of the choice says of variables.
    pub(super) fn apply_guards(&mut self, branch: Id) {
        let node = *self.ast.node(branch);
        let (choice, taken) = match node.field {
            Field::Then => (node.parent, true),
            Field::Else => (node.parent, false),
            Field::Body if self.ast.kind(node.parent) == Kind::Loop => (node.parent, true),
            _ => return,
        };
        for guard in self.guards_of(choice) {
            if guard.when == taken {
                self.keep(guard);
            }
        }
    }

    /// After `if not ok(x): return`, `x` passed the check.
    pub(super) fn guards_after(&mut self, choice: Id) {
        if self.ast.kind(choice) != Kind::If || !self.scopes.first_branch_ended() {
            return;
        }
        for guard in self.guards_of(choice) {
            if !guard.when {
                self.keep(guard);
            }
        }
    }

    /// What holds of variables behind `if not ok(x): x = default` when the branch was not taken.
    pub(super) fn passed_without_branch(&mut self, choice: Id, kind: Kind) -> Vec<(Sym, Safe)> {
        if kind != Kind::If || !self.scopes.branches_assigned() {
            return Vec::new();
        }
        self.guards_of(choice)
            .into_iter()
            .filter(|g| !g.when)
            .map(|g| (g.name, g.safe))
            .collect()
    }

    fn keep(&mut self, guard: Guard) {
        match guard.val {
            Some(mut val) if self.scopes.get(guard.name).is_none() => {
                val.safe = val.safe.or(guard.safe);
                self.scopes.bind(guard.name, val);
            }
            _ => self.scopes.make_safe(guard.name, guard.safe),
        }
    }

    /// What `condition` makes the value behind `id` safe for, in the outcome `taken`.
    pub(super) fn checked_by(&mut self, condition: Id, taken: bool, id: Id) -> Safe {
        let id = self.ast.peel(id);
        let name = match self.ast.kind(id) {
            Kind::Name => self.syms.get(self.ast.text(id)),
            Kind::Attr | Kind::Index => self.val(id).path,
            _ => return Safe::NONE,
        };
        self.guards_in(condition)
            .into_iter()
            .filter(|g| g.name == name && g.when == taken)
            .fold(Safe::NONE, |safe, g| safe.or(g.safe))
    }

    /// What a function that is one condition makes the elements safe for that it lets pass (`list.filter(check)`).
    pub(crate) fn kept_by(&mut self, function: Id) -> Safe {
        if self.ast.kind(function) != Kind::Lambda {
            return Safe::NONE;
        }
        let params = self.ast.lang.hooks.params(self.ast, function);
        let body = self.ast.child(function, Field::Body);
        let Some(name) = params.first().map(|p| self.syms.get(p.name)) else {
            return Safe::NONE;
        };
        self.guards_in(body)
            .into_iter()
            .filter(|g| g.name == name && g.when)
            .fold(Safe::NONE, |safe, g| safe.or(g.safe))
    }

    fn guards_of(&mut self, choice: Id) -> Vec<Guard> {
        let condition = self.ast.child(choice, Field::Condition);
        self.guards_in(condition)
    }

    fn guards_in(&mut self, condition: Id) -> Vec<Guard> {
        let mut out = Vec::new();
        let mut work = vec![(condition, true)];
        while let Some((id, when)) = work.pop() {
            if id == NONE || out.len() > 16 {
                continue;
            }
            let id = self.ast.peel(id);
            match self.operator_kind(id) {
                Kind::Logic => work.extend(
                    self.ast
                        .children(id)
                        .filter(|c| self.ast.node(*c).field != Field::Operator)
                        .map(|c| (c, when)),
                ),
                Kind::Not => work.extend(self.ast.children(id).map(|c| (c, !when))),
                Kind::Unary if self.ast.text(id).starts_with('!') => {
                    work.extend(
                        self.ast
                            .children(id)
                            .filter(|c| self.ast.node(*c).field != Field::Operator)
                            .map(|c| (c, !when)),
                    );
                }
                Kind::Compare => self.compare_guard(id, when, &mut out),
                Kind::Call => self.call_guard(id, when, &mut out),
                Kind::Await => work.extend(self.ast.children(id).map(|c| (c, when))),
                _ => {}
            }
        }
        out
    }

    fn compare_guard(&mut self, id: Id, when: bool, out: &mut Vec<Guard>) {
        let parts: Vec<Id> = self
            .ast
            .children(id)
            .filter(|c| self.ast.node(*c).field != Field::Operator)
            .collect();
        let (Some(&l), Some(&r)) = (parts.first(), parts.last()) else {
            return;
        };
        let op = self
            .operator_between(self.ast.peel(l), self.ast.peel(r))
            .trim_matches(|c| c == '(' || c == ')')
            .trim();
        let negative = matches!(op, "not in" | "!=" | "!==" | "<>" | "is not");
        match op {
            "in" | "not in" => {
                let list = self.val(r);
                if !list.taint.has(crate::value::Taint::UNTRUSTED) {
                    self.guard_name(l, Safe::ALL, when != negative, out);
                }
            }
            "==" | "===" | "=" | "!=" | "!==" | "<>" | "is" | "is not" => {
                let (a, b) = (self.val(l), self.val(r));
                let null = |v: &Val| {
                    matches!(
                        v.konst,
                        crate::value::Const::Null | crate::value::Const::Bool(_)
                    )
                };
                // `x.indexOf(..) === -1` and `x.match(..) == null` say something of their arguments.
                for (call, other) in [(l, &b), (r, &a)] {
                    let call = self.ast.peel(call);
                    if self.ast.kind(call) == Kind::Call
                        && (null(other) || other.konst == crate::value::Const::Int(-1))
                    {
                        let positive = other.konst == crate::value::Const::Bool(true);
                        let holds = if positive { !negative } else { negative };
                        self.call_guard(call, when == holds, out);
                    }
                }
                let text =
                    |v: &Val| v.is_const() && !null(v) && v.str().is_none_or(|s| !s.is_empty());
                if text(&b) {
                    self.guard_name(l, Safe::ALL, when != negative, out);
                } else if text(&a) {
                    self.guard_name(r, Safe::ALL, when != negative, out);
                }
            }
            // `0 < n <= 100`
            _ if parts.len() > 2 => {
                for part in parts {
                    for when in [true, false] {
                        self.guard_name(part, Safe::SIZE, when, out);
                    }
                }
            }
            // A number that was held against a limit is no longer any number.
            "<" | ">" | "<=" | ">=" => {
                for (id, when) in [(l, true), (l, false), (r, true), (r, false)] {
                    self.guard_name(id, Safe::SIZE, when, out);
                }
            }
            _ => {}
        }
    }

    fn call_guard(&mut self, id: Id, when: bool, out: &mut Vec<Guard>) {
        let parts = self.ast.lang.hooks.call_parts(self.ast, id);
        let path = self.val(parts.callee).path;
        let path = self.syms.str(path).to_owned();
        let name = last_part(&path);
        let lower = name.to_ascii_lowercase();
        let receiver = self.ast.lang.hooks.receiver(self.ast, parts.callee);
        let member = MEMBERS.contains(&lower.as_str());
        let shape = SHAPES.contains(&lower.as_str());
        let named = NAMED.iter().any(|w| lower.contains(w));
        let prefix = matches!(lower.as_str(), "startswith" | "starts_with" | "endswith");
        if prefix {
            let literal = parts
                .args
                .first()
                .and_then(|a| self.val(a.node).str())
                .map(|s| self.syms.str(s).to_owned());
            let mut safe = Safe::named("path").unwrap_or_default();
            // `relative.startsWith('..')` looks for what must not be.
            let forbidden = literal
                .as_deref()
                .is_some_and(|l| l.starts_with("..") || l == "//");
            let when = when != forbidden;
            // What begins with one slash stays on the site.
            if literal.as_deref() == Some("//") {
                safe = safe.or(Safe::named("redirect").unwrap_or_default());
            }
            if literal.is_some_and(|l| {
                l.len() > 9
                    && l.contains("://")
                    && l.trim_end_matches('/').len() > l.find("://").unwrap_or(0) + 3
            }) {
                for c in ["url", "redirect"] {
                    safe = safe.or(Safe::named(c).unwrap_or_default());
                }
            }
            self.guard_name(receiver, safe, when, out);
        } else if member || shape || named {
            if shape && receiver != NONE {
                self.guard_name(receiver, Safe::ALL, when, out);
            }
            // `x.contains("..")`, with a constant, is a search for what is forbidden.
            let constant = parts
                .args
                .first()
                .is_some_and(|a| self.val(a.node).is_const());
            if member && constant {
                let path_like = Safe::named("path").unwrap_or_default();
                self.guard_name(receiver, path_like, !when, out);
            } else {
                for a in &parts.args {
                    self.guard_name(a.node, Safe::ALL, when, out);
                }
            }
        }
    }

    fn guard_name(&mut self, id: Id, safe: Safe, when: bool, out: &mut Vec<Guard>) {
        let mut id = self.ast.peel(id);
        // A check on `x.lower()` or `urlparse(x).netloc` is a check on `x`.
        for _ in 0..6 {
            match self.ast.kind(id) {
                Kind::Call => {
                    let parts = self.ast.lang.hooks.call_parts(self.ast, id);
                    let object = self.ast.lang.hooks.receiver(self.ast, parts.callee);
                    let object_is_module = object == NONE
                        || self.scopes.get(self.val(object).path).is_none()
                            && self.ast.kind(object) == Kind::Name
                            && self.val(object).shape.has(crate::value::Shape::FREE);
                    id = match parts.args.first() {
                        Some(a) if object_is_module || !self.val(a.node).is_const() => a.node,
                        _ => object,
                    };
                }
                Kind::Attr => {
                    let path = self.val(id).path;
                    if self.scopes.get(path).is_some() {
                        out.push(Guard {
                            name: path,
                            safe,
                            when,
                            val: None,
                        });
                        return;
                    }
                    self.guard_property(id, safe, when, out);
                    id = self.ast.child(id, Field::Object);
                }
                // `commonpath([BASE, path]) == BASE`
                Kind::List => {
                    let parts: Vec<Id> = self.ast.children(id).collect();
                    match parts.into_iter().find(|p| !self.val(*p).is_const()) {
                        Some(part) => id = part,
                        None => break,
                    }
                }
                Kind::Index => {
                    self.guard_property(id, safe, when, out);
                    break;
                }
                _ => break,
            }
            id = self.ast.peel(id);
        }
        if self.ast.kind(id) == Kind::Name {
            let name = self.syms.get(self.ast.text(id));
            out.push(Guard {
                name,
                safe,
                when,
                val: None,
            });
            // The value may have come from another variable (`host = urlparse(url).hostname`).
            let val = self.val(id);
            if val.origin != NONE {
                let others: Vec<Sym> = self
                    .scopes
                    .visible()
                    .filter(|(_, v)| v.origin == val.origin && v.taint != crate::value::Taint::NONE)
                    .map(|(s, _)| s)
                    .take(8)
                    .collect();
                out.extend(others.into_iter().map(|name| Guard {
                    name,
                    safe,
                    when,
                    val: None,
                }));
            }
        }
    }

    /// A check on `request.query.next` counts for the next time it is read.
    fn guard_property(&mut self, id: Id, safe: Safe, when: bool, out: &mut Vec<Guard>) {
        let val = self.val(id);
        let path = self.syms.str(val.path);
        let fixed = path.contains('.') && !path.ends_with("[]") && !path.ends_with("()");
        if fixed && val.taint.without(crate::value::Taint::OPAQUE) != crate::value::Taint::NONE {
            out.push(Guard {
                name: val.path,
                safe,
                when,
                val: Some(val),
            });
        }
    }

    /// Whether control never reaches the end of this node.
    pub(super) fn diverges(&mut self, id: Id) -> bool {
        let mut at = id;
        for _ in 0..32 {
            match self.ast.kind(at) {
                Kind::Return | Kind::Raise | Kind::Jump => return true,
                Kind::Call => {
                    let parts = self.ast.lang.hooks.call_parts(self.ast, at);
                    let path = self.val(parts.callee).path;
                    return self.info(path).exit;
                }
                Kind::Name | Kind::If | Kind::Loop | Kind::Try | Kind::Func => return false,
                _ => {}
            }
            let Some(last) = self
                .ast
                .children(at)
                .filter(|c| self.ast.kind(*c) != Kind::Comment)
                .last()
            else {
                return false;
            };
            at = last;
        }
        false
    }
}
