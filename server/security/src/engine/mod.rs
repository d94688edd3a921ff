//! The evaluator: one walk over the flat tree in document order that resolves names, folds constants, follows
//! data and asks the rules at every call, assignment, access and import.

mod calls;
mod guards;
mod matching;
mod scope;

use std::ops::Range;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::path::{Sym, Syms};
use crate::rule::{Confidence, Level, Severity};
use crate::ruleset::{Fact, RuleSet};
use crate::value::{Const, Safe, Shape, Taint, Val};

pub(crate) use calls::{Arg, OpenFunction};
pub(crate) use matching::find_arg;
pub(crate) use scope::Scopes;

/// What a rule found, before policy.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub rule: u16,
    /// Which of the rule sets given to the evaluator.
    pub set: u8,
    pub range: Range<usize>,
    pub severity: Option<Severity>,
    pub confidence: Option<Confidence>,
    pub level: Option<Level>,
    /// Where the data came in.
    pub origin: Option<(Range<usize>, Taint)>,
    /// Words that replace the rule's message.
    pub message: Option<String>,
}

/// What the indexes say of one qualified name.
#[derive(Default)]
pub(crate) struct PathInfo {
    pub source: Taint,
    pub sanitizer: Option<Safe>,
    pub clean: bool,
    pub capability: Option<&'static str>,
    pub pure: bool,
    pub constant: bool,
    pub exit: bool,
    pub handler: bool,
    pub input_type: bool,
    pub plain_type: bool,
    /// (set, matcher)
    pub calls: Vec<(u8, u32)>,
    pub access: Vec<(u8, u32)>,
    pub assigns: Vec<(u8, u32)>,
    pub imports: Vec<(u8, u32)>,
    pub decorators: Vec<(u8, u32)>,
}

/// What is known of a function of this code.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub params: Vec<Sym>,
    pub result: Val,
    /// Parameters that reach a dangerous place.
    pub sinks: Vec<(Taint, Hit)>,
}

/// Names that the code around already binds (variables shared between cells).
pub(crate) type Bindings = [(String, Taint)];

/// State of one scan.
pub(crate) struct Eval<'a, 's> {
    pub ast: &'a Ast<'s>,
    pub syms: Syms,
    vals: Vec<Val>,
    pub scopes: Scopes,
    pub sets: Vec<&'a RuleSet>,
    pub hits: Vec<Hit>,
    infos: Vec<Option<Rc<PathInfo>>>,
    /// Modules and names imported, with the statement.
    pub imports: Vec<(Sym, Id)>,
    functions: FxHashMap<Sym, Summary>,
    open_functions: Vec<OpenFunction>,
    /// Names of the classes of this code.
    pub classes: FxHashSet<Sym>,
    /// What the code needs from the machine, and where.
    pub capabilities: Vec<(&'static str, Range<usize>)>,
    /// Functions called before they were seen.
    called_early: FxHashSet<Sym>,
    early_calls: bool,
    pass: u8,
    /// Places in the code that data reaches, for the document-wide analysis: calls by label.
    pub top_level: FxHashMap<Sym, Val>,
}

impl<'a, 's> Eval<'a, 's> {
    pub(crate) fn new(ast: &'a Ast<'s>, sets: Vec<&'a RuleSet>) -> Self {
        Eval {
            ast,
            syms: Syms::new(),
            vals: vec![Val::UNKNOWN; ast.len() as usize],
            scopes: Scopes::new(),
            sets,
            hits: Vec::new(),
            infos: Vec::new(),
            imports: Vec::new(),
            functions: FxHashMap::default(),
            open_functions: Vec::new(),
            classes: FxHashSet::default(),
            capabilities: Vec::new(),
            called_early: FxHashSet::default(),
            early_calls: false,
            pass: 0,
            top_level: FxHashMap::default(),
        }
    }

    /// Evaluates the whole code; a second time when a function was called before it was known.
    pub(crate) fn run(&mut self, bindings: &Bindings) {
        self.pass(bindings);
        if self.early_calls && !self.functions.is_empty() {
            self.pass = 1;
            self.hits.clear();
            self.imports.clear();
            self.capabilities.clear();
            self.pass(bindings);
        }
        self.text_rules();
        if self.sets.iter().any(|s| s.has_patterns) {
            crate::custom::run(self);
        }
        self.ast.lang.hooks.finish(self);
    }

    fn pass(&mut self, bindings: &Bindings) {
        self.scopes = Scopes::new();
        self.vals.fill(Val::UNKNOWN);
        for (name, taint) in bindings {
            let name = self.syms.get(name);
            self.scopes.bind(
                name,
                Val {
                    path: name,
                    taint: *taint,
                    ..Val::UNKNOWN
                },
            );
        }
        self.ast.lang.hooks.start(self);
        let mut open: Vec<Id> = Vec::with_capacity(64);
        let mut at: Id = 0;
        let end = self.ast.len();
        loop {
            while let Some(&top) = open.last() {
                if self.ast.node(top).last > at {
                    break;
                }
                open.pop();
                self.leave(top);
            }
            if at >= end {
                break;
            }
            self.enter(at);
            open.push(at);
            at += 1;
        }
        self.top_level = self.scopes.globals().clone();
    }

    pub(crate) fn val(&self, id: Id) -> Val {
        self.vals.get(id as usize).copied().unwrap_or(Val::UNKNOWN)
    }

    pub(crate) fn set_val(&mut self, id: Id, val: Val) {
        if let Some(v) = self.vals.get_mut(id as usize) {
            *v = val;
        }
    }

    /// What the indexes say of a qualified name, looked up once per name.
    pub(crate) fn info(&mut self, path: Sym) -> Rc<PathInfo> {
        let k = path.0 as usize;
        if let Some(Some(info)) = self.infos.get(k) {
            return Rc::clone(info);
        }
        let mut info = PathInfo::default();
        let text = self.syms.str(path);
        if !text.is_empty() {
            for (n, set) in self.sets.iter().enumerate() {
                let n = u8::try_from(n).unwrap_or(u8::MAX);
                for fact in set.facts.lookup(text) {
                    match fact {
                        Fact::Call(m) => info.calls.push((n, m)),
                        Fact::Access(m) => info.access.push((n, m)),
                        Fact::Assign(m) => info.assigns.push((n, m)),
                        Fact::Import(m) => info.imports.push((n, m)),
                        Fact::Decorator(m) => info.decorators.push((n, m)),
                        Fact::Source(t) => info.source = info.source.or(t),
                        Fact::Sanitizer(s) => {
                            info.sanitizer = Some(info.sanitizer.unwrap_or(Safe::NONE).or(s))
                        }
                        Fact::Clean => info.clean = true,
                        Fact::Capability(name) => info.capability = Some(name),
                        Fact::Pure => info.pure = true,
                        Fact::Constant => info.constant = true,
                        Fact::Exit => info.exit = true,
                        Fact::Handler => info.handler = true,
                        Fact::InputType => info.input_type = true,
                        Fact::PlainType => info.plain_type = true,
                    }
                }
            }
        }
        let info = Rc::new(info);
        if self.infos.len() <= k {
            self.infos.resize(k + 1, None);
        }
        if let Some(slot) = self.infos.get_mut(k) {
            *slot = Some(Rc::clone(&info));
        }
        info
    }

    fn enter(&mut self, id: Id) {
        match self.ast.kind(id) {
            Kind::Func | Kind::Lambda => {
                self.open_function(id);
                if self.ast.child(id, Field::Params) == NONE {
                    self.bind_params(id);
                }
            }
            Kind::Comprehension => self.scopes.push(id),
            Kind::Class => {
                let name = self
                    .syms
                    .get(self.ast.text(self.ast.child(id, Field::Name)));
                self.classes.insert(name);
            }
            Kind::If | Kind::Loop | Kind::Try => self.scopes.open_choice(id),
            _ => {}
        }
        if self.is_branch(id) {
            self.scopes.open_branch(id);
            self.apply_guards(id);
        }
        self.ast.lang.hooks.enter(self, id);
    }

    /// Whether what happens in this node may as well not happen.
    fn is_branch(&self, id: Id) -> bool {
        let node = self.ast.node(id);
        match node.kind {
            Kind::Branch | Kind::Catch => true,
            _ => match self.ast.kind(node.parent) {
                Kind::If => matches!(node.field, Field::Then | Field::Else),
                Kind::Loop => node.field == Field::Body,
                _ => false,
            },
        }
    }

    fn leave(&mut self, id: Id) {
        let node = *self.ast.node(id);
        let val = self.value_of(id, node.kind);
        self.set_val(id, val);
        let parent_kind = self.ast.kind(node.parent);
        match node.kind {
            Kind::Params => self.bind_params(node.parent),
            Kind::Name if node.field == Field::Params => self.bind_params(node.parent),
            Kind::Func | Kind::Lambda => self.close_function(id, node.kind),
            Kind::Comprehension => self.scopes.pop(),
            Kind::Return => {
                let value = self
                    .ast
                    .children(id)
                    .last()
                    .map_or(Val::UNKNOWN, |c| self.val(c));
                self.returned(&value);
            }
            Kind::Str => self.string_rules(id),
            Kind::Pair => self.pair_rules(id),
            Kind::Decorator => self.decorator_rules(id),
            _ => {}
        }
        if node.field == Field::Right && matches!(parent_kind, Kind::Loop | Kind::Clause) {
            let mut element = self.element_of(&val);
            element.path = self.syms.join(val.path, Sym::EMPTY);
            self.bind(self.ast.child(node.parent, Field::Left), element);
        }
        if parent_kind == Kind::Lambda && node.field == Field::Body {
            self.returned(&val);
        }
        if self.is_branch(id) {
            let ends = self.diverges(id);
            let other = node.field == Field::Else || self.is_default_branch(id);
            self.scopes.close_branch(ends, other);
        }
        if matches!(node.kind, Kind::If | Kind::Loop | Kind::Try) {
            self.scopes.close_choice();
            self.guards_after(id);
        }
        self.ast.lang.hooks.check(self, id);
    }

    fn is_default_branch(&self, id: Id) -> bool {
        matches!(
            self.ast.raw(id),
            "else_clause" | "default_switch_section" | "switch_default" | "default_clause"
        )
    }

    fn value_of(&mut self, id: Id, kind: Kind) -> Val {
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
                out.absorb(&self.val(last));
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

    fn name_value(&mut self, id: Id) -> Val {
        let text = self.ast.text(id);
        let name = self.syms.get(text);
        if let Some(mut val) = self.scopes.get(name) {
            if val.path.is_empty() {
                val.path = name;
            }
            return val;
        }
        let info = self.info(name);
        let mut val = Val {
            path: name,
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

    pub(crate) fn add_source(&mut self, val: &mut Val, source: Taint, at: Id) {
        if source != Taint::NONE {
            val.taint = val.taint.or(source);
            val.safe = Safe::NONE;
            val.origin = at;
            val.konst = Const::Unknown;
            val.shape = Shape(val.shape.0 & !Shape::FIXED.0);
        }
    }

    fn string_value(&mut self, id: Id) -> Val {
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
                        built.prefix = self.syms.get(head);
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

    fn attribute_value(&mut self, id: Id) -> Val {
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
        if let Some(val) = self.scopes.get(path) {
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
        if !info.access.is_empty() {
            let parent = self.ast.parent(id);
            let called = matches!(self.ast.kind(parent), Kind::Call | Kind::New)
                && self.ast.node(id).field == Field::Function;
            let written =
                self.ast.kind(parent) == Kind::Assign && self.ast.node(id).field == Field::Left;
            if !called && !written {
                self.access_rules(id, path, &info);
            }
        }
        val
    }

    fn index_value(&mut self, id: Id) -> Val {
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
            return self.member(&base, s, id);
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

    fn binary_value(&mut self, id: Id) -> Val {
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

    fn operator_between(&self, l: Id, r: Id) -> &'s str {
        let from = self.ast.node(l).end as usize;
        let to = self.ast.node(r).start as usize;
        self.ast.src.get(from..to).unwrap_or_default().trim()
    }

    fn concat_all(&mut self, id: Id) -> Val {
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
        } else if matches!(op, "-" | "*" | "/" | "//" | "**" | "<<" | ">>") {
            out.shape = Shape::NUMBER;
            out.safe = Safe::ALL;
        }
        out
    }

    fn either_value(&mut self, id: Id, kind: Kind) -> Val {
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
        for (k, p) in parts.into_iter().enumerate() {
            if k == skip {
                continue;
            }
            let v = self.val(p);
            out = Some(match out {
                Some(o) => Val::join(&o, &v),
                None => v,
            });
        }
        out.unwrap_or(Val::UNKNOWN)
    }

    fn unary_value(&mut self, id: Id) -> Val {
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

    fn list_value(&mut self, id: Id, shape: Shape) -> Val {
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
            origin: list.origin,
            ..Val::UNKNOWN
        };
        if list.is_const() {
            v.shape = Shape::FIXED;
        }
        v
    }

    fn assign(&mut self, id: Id) -> Val {
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
            value.path = self.syms.call(t);
        }
        self.assign_rules(id, left, right, &value);
        self.bind(left, value);
        value
    }

    fn augment(&mut self, id: Id) -> Val {
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
                            self.scopes.bind_global(path, value)
                        } else {
                            self.scopes.bind(path, value)
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
                    self.bind_object(target, &value, &mut work)
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

    /// `{a, b: c, ...rest} = value`.
    fn bind_object(&mut self, target: Id, value: &Val, work: &mut Vec<(Id, Val)>) {
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
        now.absorb(value);
        if !value.is_const() {
            now.konst = Const::Unknown;
            now.shape = Shape(now.shape.0 & !Shape::FIXED.0);
            if value.shape.has(Shape::BUILT) {
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
        self.scopes.star = module;
    }

    /// Whether the code imports a module or something below it.
    pub(crate) fn imports_module(&self, module: &str) -> bool {
        self.imports.iter().any(|(s, _)| {
            let text = self.syms.str(*s);
            text == module
                || text
                    .strip_prefix(module)
                    .is_some_and(|r| r.starts_with('.'))
        })
    }

    pub(crate) fn hit(&mut self, rule: &str, range: Range<usize>) {
        self.hit_with(rule, range, |_| {});
    }

    pub(crate) fn hit_with(
        &mut self,
        rule: &str,
        range: Range<usize>,
        change: impl FnOnce(&mut Hit),
    ) {
        for (n, set) in self.sets.iter().enumerate() {
            if let Some(rule) = set.find(rule) {
                let set = u8::try_from(n).unwrap_or(u8::MAX);
                let mut hit = Hit {
                    rule,
                    set,
                    range,
                    severity: None,
                    confidence: None,
                    level: None,
                    origin: None,
                    message: None,
                };
                change(&mut hit);
                self.hits.push(hit);
                return;
            }
        }
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
