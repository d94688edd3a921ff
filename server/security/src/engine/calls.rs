//! Calls: what they give, what they change, and what they pass on.

use super::Eval;
use crate::ast::{Id, Kind, NONE};
use crate::lang::CallParts;
use crate::path::{Sym, last_part};
use crate::value::{Const, Safe, Shape, Taint, Val};

/// An argument with its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arg<'s> {
    pub name: &'s str,
    pub node: Id,
    pub splat: bool,
    pub val: Val,
}

const MUTATORS: &[&str] = &[
    "append",
    "add",
    "extend",
    "insert",
    "push",
    "unshift",
    "update",
    "write",
    "put",
    "set",
    "Append",
    "AppendFormat",
    "AppendLine",
    "Add",
    "Insert",
    "push_str",
    "setdefault",
    "appendleft",
    "concat",
    "AppendJoin",
    "AddRange",
    "arg",
    "args",
    "insert_str",
    "writeln",
];

impl<'s> Eval<'_, 's> {
    /// The arguments of a call, with values.
    ///
    /// The entries of a literal dictionary that is spread over the parameters (`f(**options)`) are named arguments.
    pub(crate) fn args(&self, parts: &CallParts<'s>) -> Vec<Arg<'s>> {
        let mut out: Vec<Arg<'s>> = Vec::with_capacity(parts.args.len());
        for a in &parts.args {
            let val = self.val(a.node);
            if a.splat && self.ast.kind(val.def) == Kind::Dict && self.ast.lang.name == "python" {
                for pair in self.ast.children(val.def) {
                    let (key, value) = self.pair_parts(pair);
                    if self.val(key).str().is_some() {
                        out.push(Arg {
                            name: self.ast.text(key).trim_matches(['"', '\'']),
                            node: value,
                            splat: false,
                            val: self.val(value),
                        });
                    }
                }
                continue;
            }
            out.push(Arg {
                name: a.name,
                node: a.node,
                splat: a.splat,
                val,
            });
        }
        out
    }

    pub(super) fn call_value(&mut self, id: Id) -> Val {
        let parts = self.ast.lang.hooks.call_parts(self.ast, id);
        let callee = self.val(parts.callee);
        let args = self.args(&parts);
        self.apply(id, &callee, &parts, &args)
    }

    /// The value of calling `callee` with `args`; rules are asked on the way.
    pub(crate) fn apply(
        &mut self,
        id: Id,
        callee: &Val,
        parts: &CallParts<'s>,
        args: &[Arg<'s>],
    ) -> Val {
        let path = self.star_path(callee.path);
        let info = self.info(path);
        if let Some(capability) = info.capability {
            self.capabilities.push((capability, self.ast.range(id)));
        }
        if !info.calls.is_empty() {
            self.call_rules(id, path, parts, args, &info);
        }
        let receiver = self.ast.lang.hooks.receiver(self.ast, parts.callee);
        let text = self.syms.str(path).to_owned();
        let name = last_part(&text);
        // What is in a list of arguments is not the command.
        let arguments = text.ends_with("ArgumentList.Add");
        if receiver != NONE && MUTATORS.contains(&name) && !arguments {
            for a in args {
                self.absorb_into(receiver, &a.val);
            }
        }
        let result_path = self.syms.call(path);
        let result_info = self.info(result_path);
        let mut out = match self.local_call(id, parts, args) {
            Some(v) => v,
            None => self.library_call(id, name, callee, receiver, args),
        };
        if info.clean {
            out.taint = Taint::OPAQUE;
            out.safe = Safe::ALL;
            out.origin = NONE;
            out.shape = Shape(0);
            out.konst = Const::Unknown;
        }
        if let Some(safe) = info.sanitizer {
            out.safe = out.safe.or(safe);
        } else if info.cleaner {
            out.safe = Safe::ALL;
        }
        // `text.to_owned()` is as constant as the text.
        let own = receiver == NONE || !args.is_empty() || self.val(receiver).taint == Taint::NONE;
        if info.pure && own && args.iter().all(|a| a.val.is_const()) {
            out.shape = out.shape.or(Shape::FIXED);
            out.taint = Taint::NONE;
        }
        if info.constant || result_info.constant {
            out.shape = Shape::FIXED;
            out.taint = Taint::NONE;
        }
        if out.path.is_empty() {
            out.path = result_path;
        }
        self.ast
            .lang
            .hooks
            .after_call(self, id, path, args, &mut out);
        self.add_source(&mut out, result_info.source, id);
        out
    }

    /// A bare name after `from m import *` comes from that module when a rule knows it there.
    fn star_path(&mut self, path: Sym) -> Sym {
        if self.scopes.stars.is_empty()
            || self.syms.str(path).contains('.')
            || self.scopes.get(path).is_some()
        {
            return path;
        }
        // Where imports say little, a name that a rule knows as it is stays as it is.
        if self.ast.lang.name == "csharp" && !self.info(path).calls.is_empty() {
            return path;
        }
        for k in 0..self.scopes.stars.len() {
            let star = self.scopes.stars.get(k).copied().unwrap_or(Sym::EMPTY);
            let joined = self.syms.join(star, path);
            if !self.info(joined).calls.is_empty() {
                return joined;
            }
        }
        path
    }

    fn library_call(
        &mut self,
        id: Id,
        name: &str,
        callee: &Val,
        receiver: Id,
        args: &[Arg<'s>],
    ) -> Val {
        let base = self.val(receiver);
        if let (Some(text), true) = (base.str(), receiver != NONE) {
            let text = self.syms.str(text).to_owned();
            if let Some(v) = self.string_method(id, name, &text, args) {
                return v;
            }
        }
        if let Some(found) = self.looked_up_in(name, &base, receiver, args) {
            return found;
        }
        let mut out = Val {
            def: id,
            ..Val::UNKNOWN
        };
        if receiver != NONE {
            // A function of a module (`os.path.join`) adds nothing of its own.
            if callee.taint != Taint::OPAQUE || !self.is_module(&base) {
                out.absorb(callee);
            }
            if base.shape.has(Shape::BUILT) {
                out.shape = Shape::BUILT;
                out.prefix = base.prefix;
            }
            if base.is_const()
                && args.iter().all(|a| a.val.is_const())
                && !base.shape.has(Shape::FREE)
            {
                out.shape = out.shape.or(Shape::FIXED);
                out.taint = Taint::NONE;
            }
        } else if matches!(name, "bytes" | "bytearray")
            && matches!(args, [only] if matches!(only.val.konst, Const::Int(_)))
        {
            // Zeros, not the number.
            out.shape = Shape::FIXED;
            return out;
        } else if !args.is_empty() && args.iter().all(|a| a.val.is_const()) && is_conversion(name) {
            return args.first().map_or(out, |a| a.val);
        }
        let formats = matches!(
            name,
            "format" | "Format" | "Concat" | "Join" | "join" | "sprintf" | "concat" | "printf"
        );
        for a in args {
            out.absorb(&a.val);
            if a.val.shape.has(Shape::BUILT) && (is_conversion(name) || formats) {
                out.shape = out.shape.or(Shape::BUILT);
            }
        }
        // `["DELETE FROM ", table].concat()`
        let pieces = receiver != NONE && self.ast.kind(base.def) == Kind::List;
        if formats
            && pieces
            && self
                .ast
                .children(base.def)
                .any(|piece| self.val(piece).str().is_some())
        {
            let mut all = self.ast.children(base.def).map(|piece| self.val(piece));
            out.shape = if all.all(|piece| piece.is_const()) {
                Shape::FIXED
            } else {
                Shape::BUILT
            };
            let first = self.ast.first(base.def);
            out.prefix = self.val(first).str().unwrap_or(Sym::EMPTY);
        } else if formats {
            if args.iter().all(|a| a.val.is_const())
                && (receiver == NONE || base.is_const() || base.shape.has(Shape::FREE))
            {
                out.shape = Shape::FIXED;
                out.taint = Taint::NONE;
            } else if args
                .iter()
                .any(|a| a.val.str().is_some() || a.val.shape.has(Shape::BUILT))
            {
                out.shape = out.shape.or(Shape::BUILT);
                if let Some(s) = args.first().and_then(|a| a.val.str()) {
                    let head = self
                        .syms
                        .str(s)
                        .split(['{', '%'])
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    out.prefix = self.syms.get(&head);
                }
            }
        }
        if out.taint == Taint::NONE && !out.is_const() {
            out.taint = Taint::OPAQUE;
        }
        out
    }

    /// `TABLE.get(key)`: what comes out of a table of this code is what was put in, whoever chose the key.
    fn looked_up_in(&self, name: &str, base: &Val, receiver: Id, args: &[Arg<'s>]) -> Option<Val> {
        if receiver == NONE
            || args.is_empty()
            || !matches!(name, "get" | "Get" | "GetValueOrDefault")
        {
            return None;
        }
        let table = base.is_const()
            || self.ast.kind(base.def) == Kind::Dict
            || self.syms.str(base.path).ends_with("Map()");
        if !table {
            return None;
        }
        let mut out = self.element_of(base);
        for default in args.iter().skip(1) {
            out.absorb(&default.val);
            if !default.val.is_const() {
                out.shape = Shape(out.shape.0 & !Shape::FIXED.0);
            }
        }
        if out.taint == Taint::NONE && !out.is_const() {
            out.taint = Taint::OPAQUE;
        }
        Some(out)
    }

    fn is_module(&self, base: &Val) -> bool {
        let path = self.syms.str(base.path);
        base.shape.has(Shape::FREE)
            || !path.contains("()")
                && self.imports.iter().any(|(module, _)| {
                    path.strip_prefix(self.syms.str(*module))
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                })
    }

    /// Methods of a constant text.
    fn string_method(&mut self, id: Id, name: &str, text: &str, args: &[Arg<'s>]) -> Option<Val> {
        let folded = match name {
            "lower" | "toLowerCase" | "ToLower" | "ToLowerInvariant" | "to_lowercase" => {
                Some(text.to_lowercase())
            }
            "upper" | "toUpperCase" | "ToUpper" | "ToUpperInvariant" | "to_uppercase" => {
                Some(text.to_uppercase())
            }
            "strip" | "trim" | "Trim" | "rstrip" | "lstrip" if args.is_empty() => {
                Some(text.trim().to_owned())
            }
            "encode" | "decode" | "toString" | "ToString" | "to_string" | "to_owned" | "into"
            | "clone" | "as_str" | "as_bytes" | "as_ref" => Some(text.to_owned()),
            _ => None,
        };
        if let Some(folded) = folded {
            let s = self.syms.get(&folded);
            return Some(Val {
                def: id,
                ..Val::constant(Const::Str(s))
            });
        }
        if !matches!(
            name,
            "format" | "join" | "concat" | "replace" | "replaceAll" | "Replace" | "Concat"
        ) {
            return None;
        }
        let mut out = Val {
            def: id,
            ..Val::UNKNOWN
        };
        let fixed = args.iter().all(|a| a.val.is_const());
        for a in args {
            out.absorb(&a.val);
        }
        out.shape = if fixed { Shape::FIXED } else { Shape::BUILT };
        if fixed {
            out.taint = Taint::NONE;
        }
        let head = match name {
            "format" => text.split('{').next().unwrap_or_default(),
            "concat" | "Concat" => text,
            _ => "",
        };
        out.prefix = self.syms.get(head);
        if out.taint == Taint::NONE && !fixed {
            out.taint = Taint::OPAQUE;
        }
        Some(out)
    }
}

/// Whether a function says by its name that it makes a value safe.
pub(super) fn is_cleaner(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("un") || lower.contains("decode") {
        return false;
    }
    [
        "sanitize",
        "sanitise",
        "escape",
        "purify",
        "_clean",
        "clean_",
        "encode_html",
        "htmlencode",
        "urlencode",
        "quote",
        "whitelist",
        "allowlist",
        "secure_filename",
    ]
    .iter()
    .any(|w| lower.contains(w))
}

/// Functions that give their argument back in another dress.
fn is_conversion(name: &str) -> bool {
    matches!(
        name,
        "str"
            | "String"
            | "bytes"
            | "text"
            | "unicode"
            | "u"
            | "b"
            | "from"
            | "toString"
            | "ToString"
            | "repr"
            | "list"
            | "tuple"
            | "GetBytes"
            | "string"
    )
}

/// What a text is safe for from which everything was taken that a constant text or expression matches.
pub(crate) fn without(pattern: &str, expression: bool) -> Safe {
    let named = |names: &[&str]| {
        names
            .iter()
            .filter_map(|n| Safe::named(n))
            .fold(Safe::NONE, Safe::or)
    };
    let mut safe = Safe::NONE;
    if pattern.contains(['\n', '\r']) || pattern.contains("\\n") || pattern.contains("\\r") {
        safe = safe.or(named(&["log", "header"]));
    }
    if !expression {
        return safe;
    }
    if pattern.contains('<') && !pattern.contains("[^") && pattern.len() <= 16 {
        safe = safe.or(named(&["html"]));
    }
    if matches!(
        pattern,
        "\\W" | "\\W+" | "\\D" | "\\D+" | "[\\W_]" | "[\\W_]+"
    ) {
        return Safe::ALL;
    }
    // Everything but harmless characters.
    let kept = pattern
        .strip_prefix("[^")
        .and_then(|p| p.trim_end_matches(['+', '*']).strip_suffix(']'));
    let harmless = |c: char| c.is_ascii_alphanumeric() || "\\_-. /:@,".contains(c);
    match kept {
        Some(kept) if kept.chars().all(harmless) && !kept.contains("\\s") => {
            if kept.contains('/') {
                safe.or(named(&["sql", "html", "log", "header", "command"]))
            } else {
                Safe::ALL
            }
        }
        _ => safe,
    }
}
