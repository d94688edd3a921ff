//! What operators do to values.

use super::Eval;
use crate::ast::{Field, Id, Kind, NONE};
use crate::path::Sym;
use crate::value::{Const, Safe, Shape, Taint, Val};

impl<'s> Eval<'_, 's> {
    pub(super) fn binary_value(&mut self, id: Id) -> Val {
        let mut parts = [NONE; 2];
        let mut n = 0;
        for c in self.ast.children(id) {
            if self.ast.kind(c) == Kind::Comment || self.ast.node(c).field == Field::Operator {
                continue;
            }
            if n == 2 {
                // Adjacent literals: `"a" "b" "c"`.
                return self.concat_all(id);
            }
            if let Some(p) = parts.get_mut(n) {
                *p = c;
            }
            n += 1;
        }
        let [l, r] = parts;
        let op = self.ast.text(self.ast.child(id, Field::Operator)).trim();
        let (a, b) = (self.val(l), self.val(r));
        let op = if op.is_empty() {
            self.operator_between(l, r)
        } else {
            op
        };
        self.combine(op, &a, &b, id)
    }

    /// What a binary expression does: compute, compare, or choose.
    pub(crate) fn operator_kind(&self, id: Id) -> Kind {
        if self.ast.kind(id) != Kind::Binary {
            return self.ast.kind(id);
        }
        match self.ast.text(self.ast.child(id, Field::Operator)) {
            "==" | "===" | "!=" | "!==" | "<" | ">" | "<=" | ">=" | "instanceof" | "in" | "<>"
            | "=" => Kind::Compare,
            "&&" | "||" | "??" => Kind::Logic,
            _ => Kind::Binary,
        }
    }

    pub(super) fn operator_between(&self, l: Id, r: Id) -> &'s str {
        let from = self.ast.node(l).end as usize;
        let to = self.ast.node(r).start as usize;
        self.ast.src.get(from..to).unwrap_or_default().trim()
    }

    pub(super) fn concat_all(&mut self, id: Id) -> Val {
        let parts: Vec<Id> = self
            .ast
            .children(id)
            .filter(|c| self.ast.kind(*c) != Kind::Comment)
            .collect();
        let mut out = Val::constant(Const::Str(Sym::EMPTY));
        for p in parts {
            let v = self.val(p);
            out = self.combine("+", &out, &v, id);
        }
        out
    }

    /// The value of `a op b`.
    pub(crate) fn combine(&mut self, op: &str, a: &Val, b: &Val, id: Id) -> Val {
        let plus = matches!(op, "+" | "" | "." | "^" | "&" | "++" | "+=");
        match (a.konst, b.konst) {
            (Const::Str(x), Const::Str(y)) if plus => {
                let (x, y) = (self.syms.str(x), self.syms.str(y));
                if x.len() + y.len() < 1 << 16 {
                    let text = format!("{x}{y}");
                    let s = self.syms.get(&text);
                    return Val {
                        def: id,
                        ..Val::constant(Const::Str(s))
                    };
                }
                return Val {
                    shape: Shape::FIXED,
                    ..Val::UNKNOWN
                };
            }
            (Const::Int(x), Const::Int(y)) => {
                let z = match op {
                    "+" => x.checked_add(y),
                    "-" => x.checked_sub(y),
                    "*" => x.checked_mul(y),
                    "|" => Some(x | y),
                    "&" => Some(x & y),
                    "^" => Some(x ^ y),
                    "<<" => u32::try_from(y).ok().and_then(|y| x.checked_shl(y)),
                    _ => None,
                };
                return Val {
                    shape: Shape::NUMBER,
                    ..Val::constant(z.map_or(Const::Unknown, Const::Int))
                };
            }
            _ => {}
        }
        if let (Const::Str(x), Const::Int(n), "*") = (a.konst, b.konst, op) {
            // `b"\0" * 16`; longer ones say nothing more.
            let text = self.syms.str(x);
            let n = usize::try_from(n).unwrap_or(0).min(256 / text.len().max(1));
            let text = text.repeat(n);
            let s = self.syms.get(&text);
            return Val {
                def: id,
                ..Val::constant(Const::Str(s))
            };
        }
        if a.is_const() && b.is_const() {
            return Val {
                shape: Shape::FIXED,
                prefix: a.str().unwrap_or(a.prefix),
                def: id,
                ..Val::UNKNOWN
            };
        }
        let mut out = Val {
            def: id,
            ..Val::UNKNOWN
        };
        out.absorb(a);
        out.absorb(b);
        let text = |v: &Val| v.str().is_some() || v.shape.has(Shape::BUILT);
        if plus && (text(a) || text(b) || !a.prefix.is_empty()) || (op == "%" && text(a)) {
            out.shape = Shape::BUILT;
            out.prefix = match a.str() {
                // A text that is empty at first begins with what comes next.
                Some(s) if s.is_empty() => b.str().unwrap_or(b.prefix),
                Some(s) if op == "%" => {
                    let head = self
                        .syms
                        .str(s)
                        .split('%')
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    self.syms.get(&head)
                }
                Some(s) => s,
                None => a.prefix,
            };
        } else if op == "/" && self.ast.lang.name == "python" && joins_paths(a, b) {
            out.shape = Shape::BUILT;
            out.path = a.path;
        } else if matches!(op, "-" | "*" | "/" | "//" | "**" | "<<" | ">>") {
            out.shape = Shape::NUMBER;
            out.safe = out.safe.or(Safe::ALL);
        }
        out
    }

    pub(super) fn either_value(&mut self, id: Id, kind: Kind) -> Val {
        let mut out: Option<Val> = None;
        let parts: Vec<Id> = self
            .ast
            .children(id)
            .filter(|c| {
                let n = self.ast.node(*c);
                n.kind != Kind::Comment && !matches!(n.field, Field::Operator | Field::Condition)
            })
            .collect();
        // Python's `a if c else b` has no fields: the condition is the middle one.
        let skip = if kind == Kind::Cond && parts.len() == 3 {
            1
        } else {
            usize::MAX
        };
        let condition = parts.get(skip).copied();
        for (k, p) in parts.into_iter().enumerate() {
            if k == skip {
                continue;
            }
            let mut v = self.val(p);
            if let Some(condition) = condition
                && v.taint.without(Taint::OPAQUE) != Taint::NONE
            {
                v.safe = v.safe.or(self.checked_by(condition, k == 0, p));
            }
            out = Some(match out {
                Some(o) => Val::join(&mut self.syms, &o, &v),
                None => v,
            });
        }
        out.unwrap_or(Val::UNKNOWN)
    }

    pub(super) fn unary_value(&mut self, id: Id) -> Val {
        let inner = self
            .ast
            .children(id)
            .filter(|c| self.ast.node(*c).field != Field::Operator)
            .last()
            .unwrap_or(NONE);
        let v = self.val(inner);
        let negative = self.ast.text(id).starts_with('-');
        match v.konst {
            Const::Int(n) if negative => Val {
                konst: Const::Int(n.wrapping_neg()),
                ..v
            },
            Const::Bool(b) if self.ast.text(id).starts_with('!') => Val {
                konst: Const::Bool(!b),
                ..v
            },
            _ => v,
        }
    }
}

/// `folder / name`: neither side is a number.
fn joins_paths(a: &Val, b: &Val) -> bool {
    let number = |v: &Val| {
        v.shape.has(Shape::NUMBER)
            || matches!(v.konst, Const::Int(_) | Const::Float(_))
            || v.safe.has(Safe::ALL)
    };
    !number(a) && !number(b)
}
