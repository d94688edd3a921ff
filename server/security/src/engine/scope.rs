//! Variables: scopes, and what branches leave behind.

use rustc_hash::FxHashMap;

use crate::ast::Id;
use crate::path::{Sym, Syms};
use crate::value::{Safe, Val};

type Delta = FxHashMap<(usize, Sym), Val>;

/// An `if`, a loop or a `try`: the states in which its branches end.
struct Choice {
    node: Id,
    deltas: Vec<Delta>,
    /// One of the branches always happens.
    total: bool,
    /// The first branch never comes to its end.
    first_ends: Option<bool>,
}

/// The scopes of a function nest; assignments are undone at the end of a branch and joined after it.
pub(crate) struct Scopes {
    list: Vec<(Id, FxHashMap<Sym, Val>)>,
    log: Vec<(usize, Sym, Option<Val>)>,
    branches: Vec<usize>,
    choices: Vec<Choice>,
    /// Modules of `from m import *`, classes of `using static`.
    pub stars: Vec<Sym>,
    last_first_ends: bool,
}

impl Scopes {
    pub(crate) fn new() -> Self {
        Scopes {
            list: vec![(0, FxHashMap::default())],
            log: Vec::new(),
            branches: Vec::new(),
            choices: Vec::new(),
            stars: Vec::new(),
            last_first_ends: false,
        }
    }

    pub(crate) fn push(&mut self, node: Id) {
        self.list.push((node, FxHashMap::default()));
    }

    pub(crate) fn pop(&mut self) {
        if self.list.len() > 1 {
            self.list.pop();
            let depth = self.list.len();
            if self.branches.is_empty() {
                self.log.clear();
            } else {
                self.log.retain(|(k, _, _)| *k < depth);
                let len = self.log.len();
                for b in &mut self.branches {
                    *b = (*b).min(len);
                }
            }
        }
    }

    pub(crate) fn get(&self, name: Sym) -> Option<Val> {
        if name.is_empty() {
            return None;
        }
        self.list
            .iter()
            .rev()
            .find_map(|(_, vars)| vars.get(&name).copied())
    }

    pub(crate) fn bind(&mut self, name: Sym, val: Val) {
        self.bind_in(self.list.len() - 1, name, val);
    }

    pub(crate) fn bind_global(&mut self, name: Sym, val: Val) {
        self.bind_in(0, name, val);
    }

    /// Assigns where the name is bound already, else here.
    pub(crate) fn assign(&mut self, name: Sym, val: Val) {
        let k = self
            .list
            .iter()
            .rposition(|(_, vars)| vars.contains_key(&name))
            .unwrap_or(self.list.len() - 1);
        self.bind_in(k, name, val);
    }

    fn bind_in(&mut self, k: usize, name: Sym, val: Val) {
        if let Some((_, vars)) = self.list.get_mut(k) {
            let old = vars.insert(name, val);
            if !self.branches.is_empty() {
                self.log.push((k, name, old));
            }
        }
    }

    pub(crate) fn globals(&self) -> &FxHashMap<Sym, Val> {
        static EMPTY: std::sync::LazyLock<FxHashMap<Sym, Val>> =
            std::sync::LazyLock::new(FxHashMap::default);
        self.list.first().map_or(&EMPTY, |(_, vars)| vars)
    }

    pub(crate) fn open_choice(&mut self, node: Id) {
        self.choices.push(Choice {
            node,
            deltas: Vec::new(),
            total: false,
            first_ends: None,
        });
    }

    pub(crate) fn open_branch(&mut self, _node: Id) {
        self.branches.push(self.log.len());
    }

    /// Ends a branch: its assignments are taken back and kept for the end of the choice.
    pub(crate) fn close_branch(&mut self, ends: bool, is_else: bool) {
        let Some(start) = self.branches.pop() else {
            return;
        };
        let mut delta = Delta::default();
        while self.log.len() > start {
            let Some((k, name, old)) = self.log.pop() else {
                break;
            };
            let Some((_, vars)) = self.list.get_mut(k) else {
                continue;
            };
            let now = match old {
                Some(v) => vars.insert(name, v),
                None => vars.remove(&name),
            };
            if let Some(now) = now {
                delta.entry((k, name)).or_insert(now);
            }
        }
        if let Some(choice) = self.choices.last_mut() {
            choice.first_ends.get_or_insert(ends);
            choice.total |= is_else;
            if !ends {
                choice.deltas.push(delta);
            }
        }
    }

    /// Whether a branch of the innermost choice changed a variable.
    pub(crate) fn branches_assigned(&self) -> bool {
        self.choices
            .last()
            .is_some_and(|c| !c.total && c.deltas.iter().any(|d| !d.is_empty()))
    }

    /// Joins what the branches left; `passed` is what the checks say when no branch was taken.
    pub(crate) fn close_choice(&mut self, syms: &mut Syms, passed: &[(Sym, Safe)]) {
        let Some(choice) = self.choices.pop() else {
            return;
        };
        let _ = choice.node;
        self.last_first_ends = choice.first_ends.unwrap_or(false);
        let mut names: Vec<(usize, Sym)> = choice
            .deltas
            .iter()
            .flat_map(|d| d.keys().copied())
            .collect();
        names.sort_unstable();
        names.dedup();
        for (k, name) in names {
            let base = self
                .list
                .get(k)
                .and_then(|(_, vars)| vars.get(&name).copied());
            let checked = base.map(|mut v| {
                for (_, safe) in passed.iter().filter(|(checked, _)| *checked == name) {
                    v.safe = v.safe.or(*safe);
                }
                v
            });
            let mut out: Option<Val> = if choice.total { None } else { checked };
            for delta in &choice.deltas {
                let v = delta.get(&(k, name)).copied().or(base);
                out = match (out, v) {
                    (Some(a), Some(b)) => Some(Val::join(syms, &a, &b)),
                    (a, b) => a.or(b),
                };
            }
            if let Some(v) = out {
                self.bind_in(k, name, v);
            }
        }
    }

    /// Whether the first branch of the choice just closed never came to its end.
    pub(crate) fn first_branch_ended(&self) -> bool {
        self.last_first_ends
    }

    /// Marks a variable as checked.
    pub(crate) fn make_safe(&mut self, name: Sym, safe: Safe) {
        let Some(mut v) = self.get(name) else { return };
        v.safe = v.safe.or(safe);
        let k = self
            .list
            .iter()
            .rposition(|(_, vars)| vars.contains_key(&name))
            .unwrap_or(0);
        self.bind_in(k, name, v);
    }
}

impl Scopes {
    /// The variables of the innermost scopes.
    pub(crate) fn visible(&self) -> impl Iterator<Item = (Sym, Val)> + '_ {
        self.list
            .iter()
            .rev()
            .flat_map(|(_, vars)| vars.iter().map(|(s, v)| (*s, *v)))
    }
}
