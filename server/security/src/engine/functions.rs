//! Functions of the code itself: their parameters, what they return, and what reaches a sink inside them.

use super::{Arg, Eval, Hit, Summary};
use crate::ast::{Field, Id, Kind, NONE};
use crate::lang::{CallParts, ParamRole};
use crate::path::Sym;
use crate::value::{Safe, Shape, Taint, Val};

impl<'s> Eval<'_, 's> {
    /// A call of a function of this code: its summary, with the arguments in place of the parameters.
    pub(super) fn local_call(
        &mut self,
        id: Id,
        parts: &CallParts<'s>,
        args: &[Arg<'s>],
    ) -> Option<Val> {
        let (key, is_method) = match self.ast.kind(parts.callee) {
            Kind::Name => (self.ast.text(parts.callee), false),
            Kind::Attr => {
                let object = self.ast.lang.hooks.receiver(self.ast, parts.callee);
                let own = matches!(self.ast.text(object), "self" | "this" | "cls" | "Self")
                    || self.classes.contains(&self.val(object).path)
                    || self
                        .syms
                        .str(self.val(object).path)
                        .strip_suffix("()")
                        .and_then(|c| self.syms.find(c))
                        .is_some_and(|c| self.classes.contains(&c));
                if !own {
                    return None;
                }
                (
                    self.ast
                        .text(self.ast.child(parts.callee, Field::Attribute)),
                    true,
                )
            }
            _ => return None,
        };
        let key = self.syms.get(key);
        let Some(summary) = self.functions.get(&key).cloned() else {
            if self.pass == 0 {
                self.called_early.insert(key);
            }
            return None;
        };
        let skip = usize::from(
            is_method
                && summary
                    .params
                    .first()
                    .is_some_and(|p| matches!(self.syms.str(*p), "self" | "cls")),
        );
        let arg_of = |k: usize| -> Option<&Arg<'s>> {
            let name = summary
                .params
                .get(k)
                .map(|p| self.syms.str(*p))
                .unwrap_or_default();
            args.iter()
                .find(|a| !a.name.is_empty() && a.name == name)
                .or_else(|| {
                    let pos = k.checked_sub(skip)?;
                    args.iter().filter(|a| a.name.is_empty()).nth(pos)
                })
        };
        let mut result = summary.result;
        result.path = Sym::EMPTY;
        let params = result.taint.and(Taint::PARAM);
        result.taint = result.taint.without(Taint::PARAM);
        let mut new_hits = Vec::new();
        let mut passed_on = Vec::new();
        for k in 0..summary.params.len().min(16) {
            let bit = Taint::param(k);
            let Some(arg) = arg_of(k) else { continue };
            if params.has(bit) {
                let mut v = arg.val;
                v.safe = v.safe.or(result.safe);
                result.absorb(&v);
                if v.shape.has(Shape::BUILT) {
                    result.shape = result.shape.or(Shape::BUILT);
                }
            }
            for (mask, hit) in &summary.sinks {
                if !mask.has(bit) || arg.val.safe_input().has(self.hit_safe(hit)) {
                    continue;
                }
                if arg.val.taint.has(mask.and(Taint::UNTRUSTED)) {
                    let mut hit = hit.clone();
                    hit.origin = Some((
                        self.ast.range(if arg.val.origin == NONE {
                            id
                        } else {
                            arg.val.origin
                        }),
                        arg.val.taint,
                    ));
                    new_hits.push(hit);
                } else if arg.val.taint.has(Taint::PARAM) {
                    let labels = mask.and(Taint::UNTRUSTED);
                    passed_on.push((arg.val.taint.and(Taint::PARAM).or(labels), hit.clone()));
                }
            }
        }
        self.hits.extend(new_hits);
        if let Some(open) = self.open_functions.last_mut() {
            for s in passed_on {
                if open.sinks.len() < 64 {
                    open.sinks.push(s);
                }
            }
        }
        if result.taint == Taint::NONE && !result.is_const() {
            result.taint = Taint::OPAQUE;
        }
        Some(result)
    }

    pub(crate) fn hit_safe(&self, hit: &Hit) -> Safe {
        self.sets
            .get(hit.set as usize)
            .and_then(|s| s.rule(hit.rule))
            .map(|r| r.safe())
            .unwrap_or_default()
    }

    pub(super) fn open_function(&mut self, id: Id) {
        let mut name = self.ast.lang.hooks.function_name(self.ast, id);
        if name == NONE {
            let parent = self.ast.parent(id);
            if self.ast.kind(parent) == Kind::Assign {
                name = self.ast.child(parent, Field::Left);
                if name == NONE {
                    name = self.ast.child(parent, Field::Name);
                }
            }
        }
        let name = self.syms.get(self.ast.text(name));
        self.open_functions.push(OpenFunction {
            name,
            result: None,
            params: Vec::new(),
            sinks: Vec::new(),
        });
        self.scopes.push(id);
    }

    pub(crate) fn bind_params(&mut self, function: Id) {
        if !matches!(self.ast.kind(function), Kind::Func | Kind::Lambda) {
            return;
        }
        let params = self.ast.lang.hooks.params(self.ast, function);
        let handler = self.ast.lang.hooks.is_handler(self, function);
        let element = self.callback_element(function);
        let mut names = Vec::new();
        for (k, p) in params.iter().enumerate() {
            let name = self.syms.get(p.name);
            names.push(name);
            let ty = if p.ty == NONE {
                Sym::EMPTY
            } else {
                self.type_path(p.ty)
            };
            let info = self.info(ty);
            let mut val = Val {
                path: name,
                taint: Taint::param(k),
                origin: p.node,
                ..Val::UNKNOWN
            };
            if !ty.is_empty() {
                val.path = self.syms.call(ty);
            }
            let role = self.ast.lang.hooks.param_role(self, p, handler);
            if info.plain_type || role == ParamRole::Plain {
                val.safe = Safe::ALL;
                val.shape = Shape::NUMBER;
            } else if role == ParamRole::Input
                || info.input_type
                    && !is_plain_path(self.syms.str(ty), self.ast.text(p.ty))
                    && !self.carries_numbers(p.ty)
                || handler
                    && !matches!(
                        p.name,
                        "self"
                            | "cls"
                            | "this"
                            | "request"
                            | "req"
                            | "res"
                            | "db"
                            | "session"
                            | "response"
                    )
                    && ty.is_empty()
                || handler && (is_text_type(self.syms.str(ty)) || self.classes.contains(&ty))
            {
                val.taint = val.taint.or(Taint::USER);
            }
            let path_info = self.info(val.path);
            val.taint = val.taint.or(path_info.source);
            // The signature of functions that a cloud runs on a request.
            if k == 0
                && p.name == "event"
                && params.get(1).is_some_and(|c| c.name.starts_with("context"))
            {
                val.taint = val.taint.or(Taint::USER);
            }
            if let Some(e) = element.filter(|_| k == 0) {
                val.taint = e.taint;
                val.safe = e.safe;
                val.origin = e.origin;
                val.shape = e.shape;
            }
            if p.name.is_empty() {
                self.bind(p.node, val);
            } else {
                self.scopes.bind(name, val);
            }
        }
        if let Some(open) = self.open_functions.last_mut() {
            open.params = names;
        }
    }

    /// Qualified name of a type annotation.
    pub(crate) fn type_path(&mut self, ty: Id) -> Sym {
        let known = self.val(ty).path;
        if known.is_empty() {
            let text: String = self
                .ast
                .text(ty)
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
                .replace("::", ".");
            let text = text
                .trim_start_matches([':', '&', '?'])
                .trim_end_matches('?')
                .to_owned();
            self.syms.get(if text.len() > 100 { "" } else { &text })
        } else {
            known
        }
    }

    /// For a function passed to `map`, `forEach` and the like: what its first parameter gets.
    pub(super) fn callback_element(&mut self, function: Id) -> Option<Val> {
        let mut at = self.ast.parent(function);
        while matches!(self.ast.kind(at), Kind::Wrap | Kind::Args) {
            at = self.ast.parent(at);
        }
        if self.ast.kind(at) != Kind::Call {
            return None;
        }
        let callee = self.ast.child(at, Field::Function);
        let method = self.ast.text(self.ast.child(callee, Field::Attribute));
        if !matches!(
            method,
            "map"
                | "forEach"
                | "filter"
                | "flatMap"
                | "then"
                | "some"
                | "every"
                | "find"
                | "Select"
                | "ForEach"
                | "Where"
                | "for_each"
                | "and_then"
        ) {
            return None;
        }
        let receiver = self.val(self.ast.child(callee, Field::Object));
        Some(self.element_of(&receiver)).filter(|e| e.taint != Taint::NONE || e.is_const())
    }

    pub(crate) fn returned(&mut self, value: &Val) {
        if let Some(open) = self.open_functions.last_mut() {
            open.result = Some(match open.result {
                Some(r) => Val::join(&mut self.syms, &r, value),
                None => *value,
            });
        }
    }

    /// What a function that was passed on gives, when it was written in place; `given` is what it was called with.
    pub(crate) fn result_of(&self, function: Id, given: &Val) -> Option<Val> {
        let mut result = self.lambda_results.get(&function).copied()?;
        // Its own parameters mean nothing here.
        result.taint = result
            .taint
            .without(Taint::PARAM)
            .or(result.taint.and(given.taint));
        if result.taint == Taint::NONE && !result.is_const() {
            result.taint = Taint::OPAQUE;
        }
        Some(result)
    }

    pub(super) fn close_function(&mut self, id: Id, kind: Kind) {
        self.scopes.pop();
        let Some(open) = self.open_functions.pop() else {
            return;
        };
        if open.name.is_empty() {
            if let Some(result) = open.result {
                self.lambda_results.insert(id, result);
            }
            return;
        }
        if self.called_early.contains(&open.name) {
            self.early_calls = true;
        }
        if kind == Kind::Func && self.ast.ancestor(id, &[Kind::Class, Kind::Func]) == NONE {
            self.scopes.bind(
                open.name,
                Val {
                    path: open.name,
                    shape: Shape::FUNC,
                    def: id,
                    ..Val::UNKNOWN
                },
            );
        }
        if self.functions.len() < 4096 {
            let mut result = open.result.unwrap_or(Val::UNKNOWN);
            result.def = NONE;
            self.functions.insert(
                open.name,
                Summary {
                    params: open.params,
                    result,
                    sinks: open.sinks,
                },
            );
        }
    }
}

/// A function that is being evaluated.
pub(crate) struct OpenFunction {
    pub name: Sym,
    pub result: Option<Val>,
    pub params: Vec<Sym>,
    pub sinks: Vec<(Taint, Hit)>,
}

impl Eval<'_, '_> {
    /// `Path<u32>`, `Query<(u64, bool)>`: outside input that cannot carry text.
    fn carries_numbers(&mut self, ty: Id) -> bool {
        let text = self.ast.text(ty);
        let inner = text
            .split_once('<')
            .and_then(|(_, rest)| rest.rsplit_once('>'));
        let Some((inner, _)) = inner.filter(|(inner, _)| !inner.trim().is_empty()) else {
            return false;
        };
        let mut names = inner.split([',', '(', ')', '<', '>']).map(str::trim);
        names.all(|name| {
            let name = self.syms.get(name);
            name.is_empty() || self.info(name).plain_type
        })
    }
}

/// `Path` of the standard library, not the extractor `Path<T>`.
fn is_plain_path(path: &str, text: &str) -> bool {
    crate::path::last_part(path) == "Path" && !text.contains('<')
}

fn is_text_type(ty: &str) -> bool {
    matches!(
        ty,
        "str"
            | "&str"
            | "string"
            | "String"
            | "Optional.str"
            | "object"
            | "dict"
            | "list"
            | "any"
            | "bytes"
    )
}
