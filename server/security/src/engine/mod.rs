//! The evaluator: one walk over the flat tree in document order that resolves names, folds constants, follows
//! data and asks the rules at every call, assignment, access and import.

mod binding;
mod calls;
mod conditions;
mod functions;
mod guards;
mod matching;
mod operators;
mod scope;
mod values;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::capability::Capability;
use crate::path::{Sym, Syms, last_part};
use crate::rule::{Confidence, Level, Severity};
use crate::ruleset::{Fact, RuleSet};
use crate::value::{Safe, Taint, Val};

pub(crate) use calls::{Arg, without};
pub(crate) use conditions::find_arg;
pub(crate) use functions::OpenFunction;
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
    /// Its name says that it makes a value safe.
    pub cleaner: bool,
    pub capability: Option<Capability>,
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

/// Names whose facts a thread keeps, for each language.
const MOST_KNOWN: usize = 16_384;

thread_local! {
    /// What the built-in rules say of the names met so far, by language.
    static KNOWN: RefCell<FxHashMap<&'static str, FxHashMap<Box<str>, Rc<PathInfo>>>> =
        RefCell::default();
}

/// What is known of a function of this code.
#[derive(Clone, Debug)]
pub(crate) struct Summary {
    pub params: Vec<Sym>,
    pub result: Val,
    /// Parameters that reach a dangerous place, and the labels that are dangerous there.
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
    /// What functions without a name give, by their node.
    lambda_results: FxHashMap<Id, Val>,
    /// Names of the classes of this code.
    pub classes: FxHashSet<Sym>,
    /// What the code needs from the machine, and where.
    pub capabilities: Vec<(Capability, Range<usize>)>,
    /// Names that nothing in the code binds: modules whose import stands elsewhere are among them.
    unbound: FxHashSet<Sym>,
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
            lambda_results: FxHashMap::default(),
            classes: FxHashSet::default(),
            capabilities: Vec::new(),
            unbound: FxHashSet::default(),
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
        let text = self.syms.str(path);
        // Beside the built-in rules alone, a name means the same in every scan.
        let shared = match self.sets.as_slice() {
            [_] => Some(self.ast.lang.name),
            _ => None,
        };
        let known = shared.and_then(|lang| KNOWN.with_borrow(|k| k.get(lang)?.get(text).cloned()));
        let info = known.unwrap_or_else(|| {
            let info = Rc::new(self.looked_up(text));
            if let Some(lang) = shared {
                KNOWN.with_borrow_mut(|known| {
                    let known = known.entry(lang).or_default();
                    if known.len() >= MOST_KNOWN {
                        known.clear();
                    }
                    known.insert(text.into(), Rc::clone(&info));
                });
            }
            info
        });
        if self.infos.len() <= k {
            self.infos.resize(k + 1, None);
        }
        if let Some(slot) = self.infos.get_mut(k) {
            *slot = Some(Rc::clone(&info));
        }
        info
    }

    fn looked_up(&self, text: &str) -> PathInfo {
        let mut info = PathInfo::default();
        if !text.is_empty() {
            info.cleaner = calls::is_cleaner(last_part(text));
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
                            info.sanitizer = Some(info.sanitizer.unwrap_or(Safe::NONE).or(s));
                        }
                        Fact::Clean => info.clean = true,
                        Fact::Capability(capability) => info.capability = Some(capability),
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
            kind if self.is_choice(id, kind) => self.scopes.open_choice(id),
            _ => {}
        }
        if self.is_branch(id) {
            self.scopes.open_branch(id);
            self.apply_guards(id);
        }
        self.ast.lang.hooks.enter(self, id);
    }

    /// Whether the node has branches; a choice between expressions does when its grammar names them.
    fn is_choice(&self, id: Id, kind: Kind) -> bool {
        match kind {
            Kind::If | Kind::Loop | Kind::Try => true,
            Kind::Cond => self.ast.child(id, Field::Then) != NONE,
            _ => false,
        }
    }

    /// Whether what happens in this node may as well not happen.
    fn is_branch(&self, id: Id) -> bool {
        let node = self.ast.node(id);
        match node.kind {
            Kind::Branch | Kind::Catch => true,
            _ => match self.ast.kind(node.parent) {
                Kind::If | Kind::Cond => matches!(node.field, Field::Then | Field::Else),
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
            let any = self.syms.get("[]");
            let any = self.syms.join(val.path, any);
            let source = self.info(any).source;
            self.add_source(&mut element, source, id);
            element.path = Sym::EMPTY;
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
        if self.is_choice(id, node.kind) {
            let passed = self.passed_without_branch(id, node.kind);
            self.scopes.close_choice(&mut self.syms, &passed);
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

    pub(crate) fn hit(&mut self, rule: &str, range: Range<usize>) {
        self.hit_with(rule, range, |_| {});
    }

    /// Leaves what a rule found within a range to strict policies alone. Only what was found last is looked at.
    pub(crate) fn demote(&mut self, rule: &str, range: &Range<usize>) {
        let sets = &self.sets;
        let recent = self.hits.iter_mut().rev();
        for hit in recent.take_while(|hit| hit.range.start >= range.start) {
            let set = sets.get(hit.set as usize);
            if hit.range.end <= range.end && set.and_then(|set| set.find(rule)) == Some(hit.rule) {
                hit.level = Some(crate::rule::Level::Strict);
            }
        }
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
