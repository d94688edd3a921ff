//! What expressions stand for: names, strings, attributes, elements, literal lists.

use super::Eval;
use crate::ast::{Field, Id, Kind, NONE};
use crate::path::{Sym, first_part};
use crate::value::{Const, Safe, Shape, Taint, Val};

impl Eval<'_, '_> {
    pub(super) fn value_of(&mut self, id: Id, kind: Kind) -> Val {
        if let Some(val) = self.ast.lang.hooks.leave(self, id) {
            return val;
        }
        let kind = if kind == Kind::Binary {
            self.operator_kind(id)
        } else {
            kind
        };
        match kind {
            Kind::Name => self.name_value(id),
            Kind::Str => self.string_value(id),
            Kind::Int => Val {
                shape: Shape::NUMBER,
                ..Val::constant(parse_int(self.ast.text(id)))
            },
            Kind::Float => Val {
                shape: Shape::NUMBER,
                ..Val::constant(
                    self.ast
                        .text(id)
                        .replace('_', "")
                        .parse()
                        .map_or(Const::Unknown, Const::Float),
                )
            },
            Kind::True => Val::constant(Const::Bool(true)),
            Kind::False => Val::constant(Const::Bool(false)),
            Kind::Null => Val::constant(Const::Null),
            Kind::Attr => self.attribute_value(id),
            Kind::Index => self.index_value(id),
            Kind::Call | Kind::New => self.call_value(id),
            Kind::Binary => self.binary_value(id),
            Kind::Logic | Kind::Cond => self.either_value(id, kind),
            Kind::Compare | Kind::Not => Val {
                shape: Shape::NUMBER,
                safe: Safe::ALL,
                ..Val::UNKNOWN
            },
            Kind::Unary => self.unary_value(id),
            Kind::Assign => self.assign(id),
            Kind::AugAssign => self.augment(id),
            Kind::List => self.list_value(id, Shape::LIST),
            Kind::Dict => self.list_value(id, Shape::DICT),
            Kind::Lambda => Val {
                shape: Shape::FUNC,
                def: id,
                ..Val::UNKNOWN
            },
            Kind::Comprehension => {
                let mut out = Val {
                    def: id,
                    ..Val::UNKNOWN
                };
                let last = self.ast.children(id).last().unwrap_or(NONE);
                let element = self.val(last);
                if element.is_const() {
                    out.shape = Shape::FIXED;
                } else {
                    out.absorb(&element);
                }
                out
            }
            Kind::Wrap
            | Kind::Await
            | Kind::Interp
            | Kind::Stmt
            | Kind::Splat
            | Kind::Keyword
            | Kind::Pair
            | Kind::Type => {
                let mut out = Val::UNKNOWN;
                for c in self.ast.children(id) {
                    if !matches!(self.ast.kind(c), Kind::Comment)
                        && self.ast.node(c).field != Field::Operator
                    {
                        out = self.val(c);
                    }
                }
                out
            }
            _ => Val::UNKNOWN,
        }
    }

    pub(super) fn name_value(&mut self, id: Id) -> Val {
        let text = self.ast.text(id);
        let name = self.syms.get(text);
        if let Some(mut val) = self.scopes.get(name) {
            if val.path.is_empty() {
                val.path = name;
            }
            return val;
        }
        self.unbound.insert(name);
        let mut path = self.implied(name).unwrap_or(name);
        let mut info = self.info(path);
        if let Some(known) = self.star_access(id, name) {
            path = known;
            info = self.info(known);
            self.access_rules(id, known, &info);
        }
        let mut val = Val {
            path,
            shape: Shape::FREE,
            ..Val::UNKNOWN
        };
        if info.constant || is_constant_name(text) {
            val.shape = val.shape.or(Shape::FIXED);
        } else {
            val.taint = Taint::OPAQUE;
        }
        self.add_source(&mut val, info.source, id);
        val
    }

    /// What a name that nothing binds usually stands for: cells are often scanned without the one that has the imports.
    fn implied(&mut self, name: Sym) -> Option<Sym> {
        if !self.scopes.stars.is_empty() || self.functions.contains_key(&name) {
            return None;
        }
        let text = self.syms.str(name);
        let full = self.sets.iter().find_map(|set| set.implied.get(text))?;
        self.unbound.insert(self.syms.get(first_part(full)));
        Some(self.syms.get(full))
    }

    /// The member of a class of a `using static` that a bare name reads, when a rule knows it.
    fn star_access(&mut self, id: Id, name: Sym) -> Option<Sym> {
        if self.scopes.stars.is_empty() {
            return None;
        }
        let node = *self.ast.node(id);
        let parent = self.ast.kind(node.parent);
        let names = match node.field {
            Field::Left => matches!(parent, Kind::Assign | Kind::AugAssign | Kind::Pair),
            Field::Attribute | Field::Name | Field::Type | Field::Function | Field::Params => true,
            _ => false,
        };
        if names {
            return None;
        }
        for k in 0..self.scopes.stars.len() {
            let star = self.scopes.stars.get(k).copied().unwrap_or(Sym::EMPTY);
            let joined = self.syms.join(star, name);
            if !self.info(joined).access.is_empty() {
                return Some(joined);
            }
        }
        None
    }

    pub(crate) fn add_source(&mut self, val: &mut Val, source: Taint, at: Id) {
        if source != Taint::NONE {
            val.taint = val.taint.or(source);
            val.safe = Safe::NONE;
            val.guarded = Safe::NONE;
            val.origin = at;
            val.konst = Const::Unknown;
            val.shape = Shape(val.shape.0 & !Shape::FIXED.0);
        }
    }

    pub(super) fn string_value(&mut self, id: Id) -> Val {
        let mut built = Val::UNKNOWN;
        let mut dynamic = false;
        let mut interpolated = false;
        let mut first = true;
        for c in self.ast.children(id) {
            match self.ast.kind(c) {
                Kind::StrPart if first => {
                    built.prefix = self.syms.get(self.ast.text(c));
                    first = false;
                }
                Kind::Interp => {
                    if first {
                        let (from, to) = (
                            self.ast.node(id).start as usize,
                            self.ast.node(c).start as usize,
                        );
                        let head = self
                            .ast
                            .src
                            .get(from..to)
                            .unwrap_or_default()
                            .trim_start_matches(['$', '@', '"', '`', 'f', 'F', '\'']);
                        built.prefix = if head.is_empty() {
                            self.val(c).prefix
                        } else {
                            self.syms.get(head)
                        };
                    }
                    interpolated = true;
                    first = false;
                    let part = self.val(c);
                    if !part.is_const() {
                        dynamic = true;
                    }
                    built.absorb(&part);
                }
                _ => {}
            }
        }
        if !interpolated {
            let text = self.ast.lang.hooks.string(self.ast, id);
            let s = self.syms.get(&text);
            return Val {
                def: id,
                ..Val::constant(Const::Str(s))
            };
        }
        built.shape = if dynamic { Shape::BUILT } else { Shape::FIXED };
        built.def = id;
        built
    }

    pub(super) fn attribute_value(&mut self, id: Id) -> Val {
        let base = self.val(self.ast.child(id, Field::Object));
        let name = self
            .ast
            .text(self.ast.child(id, Field::Attribute))
            .trim_start_matches(['.', '?']);
        let name = self.syms.get(name.split('<').next().unwrap_or(name));
        self.member(&base, name, id)
    }

    /// `base.name`, as the place `id` of the code has it.
    pub(crate) fn member(&mut self, base: &Val, name: Sym, id: Id) -> Val {
        let path = self.syms.join(base.path, name);
        // Of a value without a name, the property is no variable of that name.
        let bound = if base.path.is_empty() {
            None
        } else {
            self.scopes.get(path)
        };
        if let Some(val) = bound {
            let mut val = val;
            if val.path.is_empty() {
                val.path = path;
            }
            return val;
        }
        let info = self.info(path);
        let mut val = Val {
            path,
            taint: base.taint,
            safe: base.safe,
            guarded: base.guarded,
            origin: base.origin,
            ..Val::UNKNOWN
        };
        if base.shape.has(Shape::FREE) && is_constant_name(self.syms.str(name)) {
            val.shape = Shape::FIXED;
        }
        if base.taint == Taint::NONE && !base.is_const() {
            val.taint = Taint::OPAQUE;
        }
        if info.constant {
            val.shape = Shape::FIXED;
            val.taint = Taint::NONE;
        }
        self.add_source(&mut val, info.source, id);
        // `text.Length` is a property there; a call of such a name is judged as a call.
        if let (Some(safe), "csharp" | "fsharp") = (info.sanitizer, self.ast.lang.name)
            && !self.is_called(id)
        {
            val.safe = val.safe.or(safe);
        }
        if !info.access.is_empty() {
            let parent = self.ast.parent(id);
            let called = self.is_called(id);
            let written =
                self.ast.kind(parent) == Kind::Assign && self.ast.node(id).field == Field::Left;
            if !called && !written {
                self.access_rules(id, path, &info);
            }
        }
        val
    }

    fn is_called(&self, id: Id) -> bool {
        matches!(self.ast.kind(self.ast.parent(id)), Kind::Call | Kind::New)
            && self.ast.node(id).field == Field::Function
    }

    pub(super) fn index_value(&mut self, id: Id) -> Val {
        let mut object = self.ast.child(id, Field::Object);
        if object == NONE {
            object = self.ast.child(id, Field::Value);
        }
        let base = self.val(object);
        let key = self.ast.child(id, Field::Index);
        let key = self.val(key);
        if let Some(s) = key.str() {
            if base.shape.has(Shape::DICT) {
                let text = self.syms.str(s).to_owned();
                let found = self.dict_entry(base.def, &text);
                if found != NONE {
                    return self.val(found);
                }
            }
            let mut val = self.member(&base, s, id);
            let any = self.syms.get("[]");
            let any = self.syms.join(base.path, any);
            let source = self.info(any).source;
            self.add_source(&mut val, source, id);
            return val;
        }
        let name = self.syms.get("[]");
        let mut val = self.member(&base, name, id);
        if base.is_const() {
            val.shape = val.shape.or(Shape::FIXED);
            val.taint = val.taint.without(Taint::OPAQUE);
        }
        val
    }

    /// The value under a constant key of a literal dictionary.
    pub(crate) fn dict_entry(&self, dict: Id, key: &str) -> Id {
        for c in self.ast.children(dict) {
            if self.ast.kind(c) == Kind::Name && self.ast.text(c) == key {
                return c;
            }
            if self.ast.kind(c) == Kind::Pair {
                let (k, v) = self.pair_parts(c);
                let constant = self.val(k).str().map(|s| self.syms.str(s));
                let plain = matches!(self.ast.kind(k), Kind::Name | Kind::Str | Kind::Other);
                if constant == Some(key) || (constant.is_none() && plain && self.ast.text(k) == key)
                {
                    return v;
                }
            }
        }
        NONE
    }

    /// Key and value of a dictionary entry.
    pub(crate) fn pair_parts(&self, pair: Id) -> (Id, Id) {
        let mut k = self.ast.child(pair, Field::Key);
        if k == NONE {
            k = self.ast.child(pair, Field::Name);
        }
        if k == NONE {
            k = self.ast.child(pair, Field::Left);
        }
        let mut v = self.ast.child(pair, Field::Value);
        if v == NONE {
            v = self.ast.child(pair, Field::Right);
        }
        (k, v)
    }

    pub(super) fn list_value(&mut self, id: Id, shape: Shape) -> Val {
        let mut out = Val {
            shape,
            def: id,
            ..Val::UNKNOWN
        };
        let mut fixed = true;
        for c in self.ast.children(id) {
            let v = match self.ast.kind(c) {
                Kind::Comment => continue,
                Kind::Pair => {
                    let (_, v) = self.pair_parts(c);
                    self.val(v)
                }
                _ => self.val(c),
            };
            fixed &= v.is_const();
            out.absorb(&v);
        }
        if fixed {
            out.shape = out.shape.or(Shape::FIXED);
        }
        out
    }

    pub(crate) fn element_of(&self, list: &Val) -> Val {
        let mut v = Val {
            taint: list.taint,
            safe: list.safe,
            guarded: list.guarded,
            origin: list.origin,
            ..Val::UNKNOWN
        };
        if list.is_const() {
            v.shape = Shape::FIXED;
        }
        v
    }
}

/// Names written in capitals are constants by convention.
pub(crate) fn is_constant_name(name: &str) -> bool {
    name.len() > 1
        && name.chars().any(|c| c.is_ascii_uppercase())
        && name
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn parse_int(text: &str) -> Const {
    let clean: String = text
        .chars()
        .filter(|c| *c != '_')
        .collect::<String>()
        .to_ascii_lowercase();
    let digits = clean.trim_end_matches(|c: char| matches!(c, 'l' | 'n' | 'u'));
    let parsed = if let Some(h) = digits.strip_prefix("0x") {
        let h = h.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        i64::from_str_radix(h, 16)
    } else if let Some(o) = digits.strip_prefix("0o") {
        i64::from_str_radix(o, 8)
    } else if let Some(b) = digits.strip_prefix("0b") {
        i64::from_str_radix(b, 2)
    } else {
        let d: String = digits.chars().take_while(char::is_ascii_digit).collect();
        d.parse()
    };
    parsed.map_or(Const::Unknown, Const::Int)
}
