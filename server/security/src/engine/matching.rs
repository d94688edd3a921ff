//! Asking the rules: triggers, arguments, conditions.

use std::ops::Range;
use std::rc::Rc;

use super::conditions::{Holds, Seen, find_arg, min};
use super::{Arg, Eval, Hit, PathInfo};
use crate::ast::{Id, Kind, NONE};
use crate::lang::CallParts;
use crate::matcher::{Matcher, Sel, Trigger};
use crate::path::Sym;
use crate::rule::Confidence;
use crate::value::Val;

impl<'a, 's> Eval<'a, 's> {
    pub(super) fn call_rules(
        &mut self,
        id: Id,
        path: Sym,
        parts: &CallParts<'s>,
        args: &[Arg<'s>],
        info: &Rc<PathInfo>,
    ) {
        let receiver = self.ast.lang.hooks.receiver(self.ast, parts.callee);
        for (set, m) in &info.calls {
            let Some(matcher) = self.matcher(*set, *m) else {
                continue;
            };
            let count = args.iter().filter(|a| a.name.is_empty()).count();
            if args.len() < matcher.min_args
                || count > matcher.max_args
                || !self.applies(matcher, path, id)
            {
                continue;
            }
            self.decide(*set, matcher, id, receiver, args, None);
        }
    }

    pub(super) fn access_rules(&mut self, id: Id, path: Sym, info: &Rc<PathInfo>) {
        for (set, m) in &info.access {
            let Some(matcher) = self.matcher(*set, *m) else {
                continue;
            };
            if self.applies(matcher, path, id) {
                self.decide(*set, matcher, id, NONE, &[], None);
            }
        }
    }

    pub(super) fn import_rules(&mut self, id: Id, path: Sym, info: &Rc<PathInfo>) {
        for (set, m) in &info.imports {
            let Some(matcher) = self.matcher(*set, *m) else {
                continue;
            };
            if self.applies(matcher, path, id) {
                self.decide(*set, matcher, id, NONE, &[], None);
            }
        }
    }

    pub(super) fn assign_rules(&mut self, id: Id, left: Id, right: Id, value: &Val) {
        let left = self.ast.peel(left);
        let path = match self.ast.kind(left) {
            Kind::Name => self.syms.get(self.ast.text(left)),
            Kind::Attr => {
                let base = self
                    .val(self.ast.child(left, crate::ast::Field::Object))
                    .path;
                let name = self.syms.get(
                    self.ast
                        .text(self.ast.child(left, crate::ast::Field::Attribute)),
                );
                self.syms.join(base, name)
            }
            Kind::Index => self.val(left).path,
            _ => return,
        };
        self.property_rules(id, path, right, value);
    }

    /// Asks the rules about a property that is set, whatever the syntax.
    pub(crate) fn property_rules(&mut self, id: Id, path: Sym, right: Id, value: &Val) {
        let info = self.info(path);
        for (set, m) in &info.assigns {
            let Some(matcher) = self.matcher(*set, *m) else {
                continue;
            };
            if self.applies(matcher, path, id) {
                self.decide(*set, matcher, id, NONE, &[], Some((right, *value)));
            }
        }
    }

    pub(super) fn pair_rules(&mut self, id: Id) {
        let (k, v) = self.pair_parts(id);
        let key = self.val(k).str().map_or_else(
            || self.ast.text(k).to_owned(),
            |s| self.syms.str(s).to_owned(),
        );
        let value = self.val(v);
        for n in 0..self.sets.len() {
            let Some(set) = self.sets.get(n).copied() else {
                continue;
            };
            let Some(list) = set.pairs.get(&key) else {
                continue;
            };
            for m in list {
                let n = u8::try_from(n).unwrap_or(0);
                let Some(matcher) = self.matcher(n, *m) else {
                    continue;
                };
                if self.applies(matcher, Sym::EMPTY, id) {
                    self.decide(n, matcher, id, NONE, &[], Some((v, value)));
                }
            }
        }
    }

    pub(super) fn string_rules(&mut self, id: Id) {
        let text = match self.val(id).str() {
            Some(s) => self.syms.str(s),
            None => self.ast.text(id),
        };
        if text.len() < 3 {
            return;
        }
        let mut hits: Vec<(u8, &Matcher)> = Vec::new();
        for (n, set) in self.sets.iter().copied().enumerate() {
            let n = u8::try_from(n).unwrap_or(0);
            let matchers = set.string_matchers.iter();
            for m in matchers.filter_map(|m| set.matchers.get(*m as usize)) {
                if matches!(&m.trigger, Trigger::Str(re) if re.is_match(text)) {
                    hits.push((n, m));
                }
            }
        }
        for (n, matcher) in hits {
            if self.applies(matcher, Sym::EMPTY, id) {
                let value = self.val(id);
                self.decide(n, matcher, id, NONE, &[], Some((id, value)));
            }
        }
    }

    /// Patterns on the text, with comments blanked out.
    pub(super) fn text_rules(&mut self) {
        if self.sets.iter().all(|s| s.text_matchers.is_empty()) {
            return;
        }
        let mut code: Vec<u8> = self.ast.src.as_bytes().to_vec();
        for id in 0..self.ast.len() {
            if self.ast.kind(id) == Kind::Comment
                && let Some(part) = code.get_mut(self.ast.range(id))
            {
                part.iter_mut()
                    .filter(|b| **b != b'\n')
                    .for_each(|b| *b = b' ');
            }
        }
        let Ok(code) = String::from_utf8(code) else {
            return;
        };
        for n in 0..self.sets.len() {
            let Some(set) = self.sets.get(n).copied() else {
                continue;
            };
            let n = u8::try_from(n).unwrap_or(0);
            for m in &set.text_matchers {
                let Some(matcher) = self.matcher(n, *m) else {
                    continue;
                };
                let crate::matcher::Trigger::Text(re) = &matcher.trigger else {
                    continue;
                };
                for found in re.matches(&code).filter_map(|m| m.get(0)).take(200) {
                    let line_end = code
                        .get(found.start()..)
                        .and_then(|t| t.find('\n'))
                        .map_or(code.len(), |k| found.start() + k);
                    let statement = code
                        .get(found.start()..line_end.max(found.end()))
                        .unwrap_or_default();
                    if matcher
                        .unless_text
                        .as_ref()
                        .is_some_and(|re| re.is_match(statement))
                    {
                        continue;
                    }
                    let lead = found.as_str().len() - found.as_str().trim_start().len();
                    self.hits.push(Hit {
                        rule: matcher.rule,
                        set: n,
                        range: found.start() + lead..found.end(),
                        severity: matcher.severity,
                        confidence: matcher.confidence,
                        level: matcher.level,
                        origin: None,
                        message: None,
                    });
                }
            }
        }
    }

    /// Asks the rules about a name that is read.
    pub(crate) fn access(&mut self, id: Id, path: Sym) {
        let info = self.info(path);
        if !info.access.is_empty() {
            self.access_rules(id, path, &info);
        }
    }

    pub(super) fn decorator_rules(&mut self, id: Id) {
        let inner = self.ast.first(id);
        let path = self.val(inner).path;
        let info = self.info(path);
        for (set, m) in &info.decorators {
            let Some(matcher) = self.matcher(*set, *m) else {
                continue;
            };
            if self.applies(matcher, path, id) {
                let own = self.ast.child_of_kind(id, Kind::Args) != NONE;
                let args = if own || self.ast.kind(inner) == Kind::Call {
                    let parts = self
                        .ast
                        .lang
                        .hooks
                        .call_parts(self.ast, if own { id } else { inner });
                    self.args(&parts)
                } else {
                    Vec::new()
                };
                self.decide(*set, matcher, id, NONE, &args, None);
            }
        }
    }

    fn matcher(&self, set: u8, m: u32) -> Option<&'a Matcher> {
        self.sets
            .get(set as usize)
            .and_then(|s| s.matchers.get(m as usize))
    }

    fn applies(&self, matcher: &Matcher, path: Sym, id: Id) -> bool {
        if matcher.excluded(self.syms.str(path)) {
            return false;
        }
        if !matcher.imports.is_empty() && !matcher.imports.iter().any(|m| self.imports_module(m)) {
            return false;
        }
        if matcher.unless_text.is_some() || matcher.only_text.is_some() {
            let around = self.ast.ancestor(id, &[Kind::Func, Kind::Module]);
            let text = if around == NONE {
                self.ast.src
            } else {
                self.ast.text(around)
            };
            if matcher
                .unless_text
                .as_ref()
                .is_some_and(|re| re.is_match(self.within(id, text)))
            {
                return false;
            }
            if matcher
                .only_text
                .as_ref()
                .is_some_and(|re| !re.is_match(text))
            {
                return false;
            }
        }
        true
    }

    /// The text of the handler around: what stands in another one excuses nothing here.
    fn within(&self, id: Id, text: &'s str) -> &'s str {
        if text.len() != self.ast.src.len() {
            return text;
        }
        let mut outermost = NONE;
        let mut at = self.ast.ancestor(id, &[Kind::Lambda]);
        while at != NONE {
            outermost = at;
            at = self.ast.ancestor(at, &[Kind::Lambda]);
        }
        if outermost == NONE {
            text
        } else {
            self.ast.text(outermost)
        }
    }

    fn decide(
        &mut self,
        set: u8,
        matcher: &Matcher,
        id: Id,
        receiver: Id,
        args: &[Arg<'s>],
        value: Option<(Id, Val)>,
    ) {
        let safe = self
            .sets
            .get(set as usize)
            .and_then(|s| s.rule(matcher.rule))
            .map(|r| r.safe())
            .unwrap_or_default();
        let mut seen = Seen {
            safe,
            ..Seen::default()
        };
        let mut holds = Holds::Yes;
        for (sel, pred) in &matcher.conds {
            holds = min(
                holds,
                self.selected(sel, pred, receiver, args, value, &mut seen),
            );
            if holds == Holds::No {
                return;
            }
        }
        let range = self.place(matcher.at.as_ref(), id, args);
        let mut hit = Hit {
            rule: matcher.rule,
            set,
            range,
            severity: matcher.severity,
            confidence: matcher.confidence,
            level: matcher.level,
            origin: None,
            message: None,
        };
        if let Some((node, taint)) = seen.origin {
            hit.origin = Some((self.ast.range(node), taint));
        }
        if seen.tainted {
            hit.confidence = Some(Confidence::High);
        } else if seen.built {
            hit.confidence = hit.confidence.or(Some(Confidence::Medium));
        }
        match holds {
            Holds::Yes => self.hits.push(hit),
            Holds::IfParam(mask) => {
                if let Some(open) = self.open_functions.last_mut()
                    && open.sinks.len() < 64
                {
                    hit.confidence = Some(Confidence::High);
                    open.sinks.push((mask, hit));
                }
            }
            Holds::No => {}
        }
    }

    fn place(&self, at: Option<&Sel>, id: Id, args: &[Arg<'s>]) -> Range<usize> {
        if let Some(sel) = at {
            let arg = match sel {
                Sel::Arg(pos, names) => find_arg(args, *pos, names),
                _ => None,
            };
            let whole = self.ast.range(id);
            // An argument may stand elsewhere, in a dictionary that is spread.
            if let Some(at) = arg
                .map(|a| self.ast.range(a.node))
                .filter(|at| whole.start <= at.start && at.end <= whole.end)
            {
                return at;
            }
        }
        self.ast.range(id)
    }
}
