//! Whether the conditions of a matcher hold for a value.

use super::{Arg, Eval};
use crate::ast::{Id, Kind, NONE};
use crate::matcher::{Pred, Sel};
use crate::path::Sym;
use crate::value::{Const, Safe, Shape, Taint, Val};

impl<'s> Eval<'_, 's> {
    pub(super) fn selected(
        &self,
        sel: &Sel,
        pred: &Pred,
        receiver: Id,
        args: &[Arg<'s>],
        value: Option<(Id, Val)>,
        seen: &mut Seen,
    ) -> Holds {
        match sel {
            Sel::Arg(pos, names) => {
                if let Some(a) = find_arg(args, *pos, names) {
                    self.holds(pred, &a.val, a.node, seen)
                } else {
                    let hidden = args.iter().any(|a| a.splat);
                    absent(pred, hidden)
                }
            }
            Sel::Any => args
                .iter()
                .map(|a| self.holds(pred, &a.val, a.node, seen))
                .fold(Holds::No, max),
            Sel::From(k) => args
                .iter()
                .enumerate()
                .filter(|(n, a)| n >= k || !a.name.is_empty())
                .map(|(_, a)| self.holds(pred, &a.val, a.node, seen))
                .fold(Holds::No, max),
            Sel::Receiver => {
                if receiver == NONE {
                    Holds::No
                } else {
                    self.holds(pred, &self.val(receiver), receiver, seen)
                }
            }
            Sel::Value => value.map_or(Holds::No, |(node, v)| self.holds(pred, &v, node, seen)),
        }
    }

    pub(super) fn untrusted(&self, v: &Val, mask: Taint, seen: &mut Seen) -> Holds {
        if v.taint.has(mask) && !v.safe_input().covers(seen.safe) {
            seen.tainted = true;
            if seen.origin.is_none() && v.origin != NONE {
                seen.origin = Some((v.origin, v.taint.and(mask)));
            }
            return Holds::Yes;
        }
        if v.safe.covers(seen.safe) {
            return Holds::No;
        }
        let params = v.taint.and(Taint::PARAM);
        if params != Taint::NONE && mask.has(Taint::UNTRUSTED) {
            return Holds::IfParam(params.or(mask.and(Taint::UNTRUSTED)));
        }
        Holds::No
    }

    pub(super) fn holds(&self, pred: &Pred, v: &Val, node: Id, seen: &mut Seen) -> Holds {
        let yes = |b: bool| if b { Holds::Yes } else { Holds::No };
        let text = || v.str().map(|s| self.syms.str(s));
        match pred {
            Pred::Present => Holds::Yes,
            Pred::Missing => Holds::No,
            Pred::Const => yes(v.is_const()),
            Pred::Dynamic => yes(!v.is_const()),
            Pred::Built => yes(v.shape.has(Shape::BUILT) && !v.safe.has(seen.safe)),
            Pred::Risky => {
                let direct = self.untrusted(v, Taint::UNTRUSTED, seen);
                if direct == Holds::Yes {
                    return direct;
                }
                if v.shape.has(Shape::BUILT)
                    && !v.is_const()
                    && v.taint != Taint::NONE
                    && !v.safe.covers(seen.safe)
                {
                    seen.built = true;
                    return Holds::Yes;
                }
                direct
            }
            Pred::Loose => {
                if self.untrusted(v, Taint::UNTRUSTED, seen) == Holds::Yes {
                    return Holds::Yes;
                }
                let open = !v.is_const() && !v.safe.covers(seen.safe) && !v.shape.has(Shape::FUNC);
                seen.built |= open;
                yes(open)
            }
            Pred::Tainted(mask) => self.untrusted(v, *mask, seen),
            Pred::Truthy => yes(match v.konst {
                Const::Bool(b) => b,
                Const::Int(n) => n != 0,
                Const::Float(f) => f != 0.0,
                Const::Str(s) => !s.is_empty(),
                Const::Null => false,
                Const::Unknown => {
                    !(matches!(self.ast.kind(v.def), Kind::List | Kind::Dict)
                        && self.ast.first(v.def) == NONE)
                }
            }),
            Pred::Falsy => yes(match v.konst {
                Const::Bool(b) => !b,
                Const::Int(n) => n == 0,
                Const::Float(f) => f == 0.0,
                Const::Str(s) => s.is_empty(),
                Const::Null => true,
                Const::Unknown => false,
            }),
            Pred::Null => yes(v.konst == Const::Null),
            Pred::Str => yes(v.str().is_some()),
            Pred::Empty => yes(v.str().is_some_and(Sym::is_empty)
                || self.ast.kind(v.def) == Kind::List && self.ast.first(v.def) == NONE),
            Pred::List => yes(v.shape.has(Shape::LIST)),
            Pred::Dict => yes(v.shape.has(Shape::DICT)),
            Pred::Func => yes(v.shape.has(Shape::FUNC)),
            Pred::Int(n) => yes(v.konst == Const::Int(*n)),
            Pred::Bool(b) => yes(v.konst == Const::Bool(*b)),
            Pred::Text(t) => yes(text() == Some(t.as_str())),
            Pred::Re(re) => yes(text().is_some_and(|t| re.is_match(t))
                || (!v.prefix.is_empty() && re.is_match(self.syms.str(v.prefix)))),
            Pred::Source(re) => yes(re.is_match(self.ast.text(node))),
            Pred::Path(list) => {
                let path = self.syms.str(v.path);
                yes(list.iter().any(|p| p.matches(path)))
            }
            Pred::Lt(n) => yes(matches!(v.konst, Const::Int(k) if k < *n)),
            Pred::Gt(n) => yes(matches!(v.konst, Const::Int(k) if k > *n)),
            Pred::Bits(n) => yes(matches!(v.konst, Const::Int(k) if k & n != 0)),
            Pred::Not(inner) => yes(self.holds(
                inner,
                v,
                node,
                &mut Seen {
                    safe: seen.safe,
                    ..Seen::default()
                },
            ) == Holds::No),
            Pred::All(list) => list
                .iter()
                .map(|p| self.holds(p, v, node, seen))
                .fold(Holds::Yes, min),
            Pred::Any(list) => list
                .iter()
                .map(|p| self.holds(p, v, node, seen))
                .fold(Holds::No, max),
            Pred::Has(key, inner) => {
                let found = if self.ast.kind(v.def) == Kind::Dict {
                    self.dict_entry(v.def, key)
                } else {
                    NONE
                };
                if found == NONE {
                    let known = self.ast.kind(v.def) == Kind::Dict;
                    absent(inner, !known)
                } else {
                    self.holds(inner, &self.val(found), found, seen)
                }
            }
            Pred::Elem(inner) => {
                if !matches!(self.ast.kind(v.def), Kind::List | Kind::Dict) {
                    return Holds::No;
                }
                let mut out = Holds::No;
                for c in self.ast.children(v.def) {
                    let n = if self.ast.kind(c) == Kind::Pair {
                        self.pair_parts(c).1
                    } else {
                        c
                    };
                    out = max(out, self.holds(inner, &self.val(n), n, seen));
                }
                out
            }
            Pred::Head(inner) => {
                if self.ast.kind(v.def) != Kind::List {
                    return Holds::No;
                }
                let first = self.ast.first(v.def);
                if first == NONE {
                    Holds::No
                } else {
                    self.holds(inner, &self.val(first), first, seen)
                }
            }
        }
    }
}

/// Whether a condition holds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Holds {
    No,
    /// It would if the caller passed something with one of these labels for one of these parameters.
    IfParam(Taint),
    Yes,
}

/// What a match has seen on the way.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) safe: Safe,
    pub(super) tainted: bool,
    pub(super) built: bool,
    pub(super) origin: Option<(Id, Taint)>,
}

/// The condition on an argument that is not there; `hidden` when it may be in a spread argument.
fn absent(pred: &Pred, hidden: bool) -> Holds {
    let holds = match pred {
        Pred::Missing | Pred::Not(_) => !hidden,
        Pred::Any(list) => list.iter().any(|p| absent(p, hidden) == Holds::Yes),
        Pred::All(list) => !list.is_empty() && list.iter().all(|p| absent(p, hidden) == Holds::Yes),
        _ => false,
    };
    if holds { Holds::Yes } else { Holds::No }
}

pub(super) fn min(a: Holds, b: Holds) -> Holds {
    match (a, b) {
        (Holds::No, _) | (_, Holds::No) => Holds::No,
        (Holds::IfParam(x), Holds::IfParam(y)) => Holds::IfParam(x.or(y)),
        (Holds::IfParam(x), _) | (_, Holds::IfParam(x)) => Holds::IfParam(x),
        _ => Holds::Yes,
    }
}

fn max(a: Holds, b: Holds) -> Holds {
    match (a, b) {
        (Holds::Yes, _) | (_, Holds::Yes) => Holds::Yes,
        (Holds::IfParam(x), Holds::IfParam(y)) => Holds::IfParam(x.or(y)),
        (Holds::IfParam(x), _) | (_, Holds::IfParam(x)) => Holds::IfParam(x),
        _ => Holds::No,
    }
}

/// The argument at a position or with one of the names.
pub(crate) fn find_arg<'b, 's>(
    args: &'b [Arg<'s>],
    pos: Option<usize>,
    names: &[String],
) -> Option<&'b Arg<'s>> {
    args.iter()
        .find(|a| !a.name.is_empty() && names.iter().any(|n| n == a.name))
        .or_else(|| {
            let pos = pos?;
            let mut k = 0;
            for a in args {
                if a.splat {
                    return None;
                }
                if a.name.is_empty() {
                    if k == pos {
                        return Some(a);
                    }
                    k += 1;
                }
            }
            None
        })
}
