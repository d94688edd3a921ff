//! Assignments and imports: what names stand for from here on.

use super::Eval;
use crate::ast::{Field, Id, Kind, NONE};
use crate::path::Sym;
use crate::value::{Const, Safe, Shape, Taint, Val};

impl Eval<'_, '_> {
    pub(super) fn assign(&mut self, id: Id) -> Val {
        let mut right = self.ast.child(id, Field::Right);
        if right == NONE {
            right = self.ast.child(id, Field::Value);
        }
        let mut left = self.ast.child(id, Field::Left);
        if left == NONE {
            left = self.ast.child(id, Field::Name);
        }
        let mut value = if right == NONE {
            Val::UNKNOWN
        } else {
            self.val(right)
        };
        let ty = self.ast.lang.hooks.declared_type(self.ast, id);
        if ty != NONE && value.path.is_empty() {
            let t = self.type_path(ty);
            self.bind_plain_attribute(id, left, t);
            value.path = self.syms.call(t);
        }
        self.assign_rules(id, left, right, &value);
        self.bind(left, value);
        value
    }

    pub(super) fn augment(&mut self, id: Id) -> Val {
        let left = self.ast.child(id, Field::Left);
        let right = self.ast.child(id, Field::Right);
        let (a, b) = (self.val(left), self.val(right));
        let op = self
            .ast
            .text(self.ast.child(id, Field::Operator))
            .trim_end_matches('=');
        let op = if op.is_empty() { "+" } else { op };
        let value = self.combine(op, &a, &b, id);
        let mut value = value;
        value.path = a.path;
        self.assign_rules(id, left, right, &value);
        self.bind(left, value);
        value
    }

    /// Binds a target (name, attribute, element, pattern) to a value.
    pub(crate) fn bind(&mut self, target: Id, value: Val) {
        let mut work: Vec<(Id, Val)> = vec![(target, value)];
        while let Some((target, value)) = work.pop() {
            let target = self.ast.peel(target);
            match self.ast.kind(target) {
                Kind::Name => {
                    let name = self.syms.get(self.ast.text(target));
                    let parent = self.ast.parent(target);
                    if self.ast.lang.outer_assignment && self.ast.raw(parent).contains("assignment")
                    {
                        self.scopes.assign(name, value);
                    } else {
                        self.scopes.bind(name, value);
                    }
                    self.set_val(target, value);
                    self.bind_class_attribute(target, name, value);
                }
                Kind::Attr => {
                    let base = self.val(self.ast.child(target, Field::Object));
                    let name = self
                        .syms
                        .get(self.ast.text(self.ast.child(target, Field::Attribute)));
                    let path = self.syms.join(base.path, name);
                    if !path.is_empty() {
                        let own = matches!(self.syms.str(base.path), "self" | "this" | "cls");
                        if own {
                            self.scopes.bind_global(path, value);
                        } else {
                            self.scopes.bind(path, value);
                        }
                    }
                }
                Kind::Index => {
                    let mut object = self.ast.child(target, Field::Object);
                    if object == NONE {
                        object = self.ast.child(target, Field::Value);
                    }
                    self.absorb_into(object, &value);
                }
                Kind::Pattern if self.ast.raw(target) == "object_pattern" => {
                    self.bind_object(target, &value, &mut work);
                }
                Kind::Param => {
                    let left = self.ast.child(target, Field::Left);
                    work.push((
                        if left == NONE {
                            self.ast.child(target, Field::Name)
                        } else {
                            left
                        },
                        value,
                    ));
                }
                Kind::Pattern | Kind::List | Kind::Splat | Kind::Other => {
                    let sources: Vec<Id> =
                        if value.shape.has(Shape::LIST) && self.ast.kind(value.def) == Kind::List {
                            self.ast
                                .children(value.def)
                                .filter(|c| self.ast.kind(*c) != Kind::Comment)
                                .collect()
                        } else {
                            Vec::new()
                        };
                    let element = self.element_of(&value);
                    let parts: Vec<Id> = self
                        .ast
                        .children(target)
                        .filter(|c| self.ast.kind(*c) != Kind::Comment)
                        // `Some(x)` names a type beside what it binds.
                        .filter(|c| self.ast.node(*c).field != Field::Type)
                        .collect();
                    for (k, part) in parts.into_iter().enumerate() {
                        let v = sources.get(k).map_or(element, |s| self.val(*s));
                        work.push((part, v));
                    }
                }
                _ => {}
            }
        }
    }

    /// `class C: QUERY = "..."` is `self.QUERY` inside its methods.
    fn bind_class_attribute(&mut self, target: Id, name: Sym, value: Val) {
        if self.classes.is_empty() || self.ast.lang.name != "python" {
            return;
        }
        let around = self
            .ast
            .ancestor(target, &[Kind::Func, Kind::Lambda, Kind::Class]);
        if self.ast.kind(around) == Kind::Class {
            for own in ["self", "cls"] {
                let own = self.syms.get(own);
                let path = self.syms.join(own, name);
                self.scopes.bind_global(path, value);
            }
        }
    }

    /// `amount: int` in a class: the attribute of its objects is a number.
    fn bind_plain_attribute(&mut self, id: Id, left: Id, ty: Sym) {
        if self.ast.lang.name != "python" || !self.info(ty).plain_type {
            return;
        }
        let class = self
            .ast
            .ancestor(id, &[Kind::Func, Kind::Lambda, Kind::Class]);
        if self.ast.kind(class) != Kind::Class {
            return;
        }
        let class = self.ast.text(self.ast.child(class, Field::Name));
        let class = self.syms.get(class);
        let object = self.syms.call(class);
        let name = self.syms.get(self.ast.text(left));
        let path = self.syms.join(object, name);
        let number = Val {
            path,
            taint: Taint::OPAQUE,
            safe: Safe::ALL,
            shape: Shape::NUMBER,
            ..Val::UNKNOWN
        };
        self.scopes.bind_global(path, number);
    }

    /// `{a, b: c, ...rest} = value`.
    pub(super) fn bind_object(&mut self, target: Id, value: &Val, work: &mut Vec<(Id, Val)>) {
        let parts: Vec<Id> = self.ast.children(target).collect();
        for part in parts {
            let (key, inner) = match self.ast.kind(part) {
                Kind::Name => (part, part),
                Kind::Pair => (
                    self.ast.child(part, Field::Key),
                    self.ast.child(part, Field::Value),
                ),
                Kind::Param => {
                    let left = self.ast.child(part, Field::Left);
                    (left, left)
                }
                Kind::Splat => {
                    work.push((self.ast.first(part), *value));
                    continue;
                }
                _ => continue,
            };
            let key = self.syms.get(self.ast.text(key));
            let found = if value.shape.has(Shape::DICT) {
                let text = self.syms.str(key).to_owned();
                self.dict_entry(value.def, &text)
            } else {
                NONE
            };
            let v = if found == NONE {
                self.member(value, key, part)
            } else {
                self.val(found)
            };
            work.push((inner, v));
        }
    }

    /// Qualified name of a dotted name as the code's imports have it.
    pub(crate) fn resolve_name(&mut self, text: &str) -> Sym {
        let (first, rest) = text.split_once('.').map_or((text, ""), |(a, b)| (a, b));
        let first = self.syms.get(first);
        let base = self.scopes.get(first).map_or(first, |v| v.path);
        if rest.is_empty() {
            return base;
        }
        let rest = self.syms.get(rest);
        self.syms.join(base, rest)
    }

    /// The variable behind an expression takes on the taint of what is put into it.
    pub(crate) fn absorb_into(&mut self, target: Id, value: &Val) {
        let mut at = target;
        // `text.Append(a).Append(b)` adds both to `text`.
        while self.ast.kind(at) == Kind::Call {
            let callee = self.ast.child(at, Field::Function);
            let method = self.ast.text(self.ast.child(callee, Field::Attribute));
            if !method.starts_with("Append") {
                break;
            }
            at = self.ast.child(callee, Field::Object);
        }
        while matches!(self.ast.kind(at), Kind::Attr | Kind::Index) {
            let object = self.ast.child(at, Field::Object);
            let val = self.val(at);
            if self.scopes.get(val.path).is_some() {
                break;
            }
            at = if object == NONE {
                self.ast.child(at, Field::Value)
            } else {
                object
            };
        }
        let mut now = self.val(at);
        let name = if self.ast.kind(at) == Kind::Name {
            self.syms.get(self.ast.text(at))
        } else {
            now.path
        };
        // A call before this one in the chain may have changed it since it was read.
        if at != target
            && let Some(latest) = self.scopes.get(name)
        {
            now = latest;
        }
        let was = now;
        now.absorb(value);
        if !value.is_const() {
            now.konst = Const::Unknown;
            now.shape = Shape(now.shape.0 & !Shape::FIXED.0);
            if let Some(beginning) = was.str() {
                now.shape = now.shape.or(Shape::BUILT);
                now.prefix = beginning;
            } else if value.shape.has(Shape::BUILT)
                || self.syms.str(was.path).contains("StringBuilder()")
            {
                now.shape = now.shape.or(Shape::BUILT);
            }
        }
        if !name.is_empty() {
            self.scopes.assign(name, now);
        }
    }

    pub(crate) fn bind_path(&mut self, name: &str, path: &str) {
        let (name, path) = (self.syms.get(name), self.syms.get(path));
        self.scopes.bind(
            name,
            Val {
                path,
                ..Val::UNKNOWN
            },
        );
    }

    pub(crate) fn imported(&mut self, path: &str, at: Id) {
        let path = self.syms.get(path);
        self.imports.push((path, at));
        let info = self.info(path);
        self.import_rules(at, path, &info);
    }

    /// `from m import *`: the names that a rule knows of the module are taken to come from it.
    pub(crate) fn star_import(&mut self, module: &str) {
        let module = self.syms.get(module);
        if self.scopes.stars.len() < 16 {
            self.scopes.stars.push(module);
        }
    }

    /// Whether the code imports a module or something below it.
    pub(crate) fn imports_module(&self, module: &str) -> bool {
        if module.is_empty() {
            return false;
        }
        let used = self.syms.find(module);
        if used.is_some_and(|name| self.unbound.contains(&name)) {
            return true;
        }
        self.imports.iter().any(|(s, _)| {
            let text = self.syms.str(*s);
            text == module
                || text
                    .strip_prefix(module)
                    .is_some_and(|r| r.starts_with('.'))
        })
    }
}
