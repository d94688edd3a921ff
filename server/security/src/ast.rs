//! A flat copy of a tree-sitter tree in the vocabulary that every language shares.
//!
//! Nodes stand in pre-order in one vector, each with the end of its subtree: walking, looking up and looking
//! down cost an addition, and nothing recurses on the depth of the input.

mod kind;
mod tables;

use std::cell::RefCell;
use std::ops::{ControlFlow, Range};

use tree_sitter::{ParseOptions, Parser};

use crate::lang::Lang;
pub(crate) use kind::{Field, Kind};

/// Index of a node in an [`Ast`].
pub(crate) type Id = u32;
/// No node.
pub(crate) const NONE: Id = u32::MAX;

/// One node: 24 bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub kind: Kind,
    pub field: Field,
    /// The grammar's own number of the kind.
    pub raw: u16,
    pub start: u32,
    pub end: u32,
    pub parent: Id,
    /// One past the last descendant.
    pub last: Id,
}

const NIL: Node = Node {
    kind: Kind::Other,
    field: Field::None,
    raw: u16::MAX,
    start: 0,
    end: 0,
    parent: NONE,
    last: 0,
};

/// Steps of the parser between two calls of its progress callback.
const STEPS_PER_CALL: usize = 100;

/// Even short code gets the steps of this many bytes.
const SMALL_CODE: usize = 1000;

/// Bounds on one parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Code longer than this many bytes is scanned up to here.
    pub max_bytes: usize,
    /// A parse that takes more steps for each byte is given up. Steps are counted, not measured in time, so that the
    /// same code gives the same findings on every machine.
    pub parse_steps_per_byte: u32,
    /// Nodes beyond this many are left out.
    pub max_nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_bytes: 4 << 20,
            parse_steps_per_byte: 400,
            max_nodes: 4_000_000,
        }
    }
}

thread_local! {
    /// Parsers that are not at work: making one costs more than parsing a short cell.
    static PARSERS: RefCell<Vec<(&'static str, Parser)>> = const { RefCell::new(Vec::new()) };
}

fn take_parser(lang: &'static Lang) -> Option<Parser> {
    let known = PARSERS.with_borrow_mut(|parsers| {
        let at = parsers.iter().position(|(name, _)| *name == lang.name)?;
        Some(parsers.swap_remove(at).1)
    });
    known.or_else(|| {
        let mut parser = Parser::new();
        parser.set_language(&lang.grammar).ok()?;
        Some(parser)
    })
}

/// A parsed piece of code.
pub(crate) struct Ast<'s> {
    pub src: &'s str,
    pub lang: &'static Lang,
    nodes: Vec<Node>,
    pub tree: tree_sitter::Tree,
}

impl<'s> Ast<'s> {
    /// Parses `src`; `None` when the grammar gave up within the limits.
    pub(crate) fn parse(src: &'s str, lang: &'static Lang, limits: &Limits) -> Option<Ast<'s>> {
        let src = clamp(src, limits.max_bytes);
        let ranges = if lang.tables {
            tables::parsed_ranges(src)
        } else {
            Vec::new()
        };
        Self::parse_within(src, lang, limits, &ranges)
    }

    /// Parses these ranges of `src`, all of it when there are none.
    pub(crate) fn parse_within(
        src: &'s str,
        lang: &'static Lang,
        limits: &Limits,
        ranges: &[tree_sitter::Range],
    ) -> Option<Ast<'s>> {
        let src = clamp(src, limits.max_bytes);
        let mut parser = take_parser(lang)?;
        parser.set_included_ranges(ranges).ok()?;
        let mut calls =
            (src.len() + SMALL_CODE) * limits.parse_steps_per_byte as usize / STEPS_PER_CALL;
        let mut progress = |_: &tree_sitter::ParseState| {
            calls = calls.saturating_sub(1);
            if calls == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let masked = if lang.ascii_scanner && !src.is_ascii() {
            let bytes = src.bytes();
            Some(bytes.map(|b| if b.is_ascii() { b } else { b'x' }).collect())
        } else {
            lang.hooks.read_as(src)
        };
        let bytes = masked.as_deref().unwrap_or(src.as_bytes());
        let tree = parser.parse_with_options(
            &mut |offset, _| bytes.get(offset..).unwrap_or_default(),
            None,
            Some(ParseOptions::new().progress_callback(&mut progress)),
        );
        parser.reset();
        PARSERS.with_borrow_mut(|parsers| parsers.push((lang.name, parser)));
        let tree = tree?;
        let mut ast = Ast {
            src,
            lang,
            nodes: flatten(&tree, lang, limits.max_nodes),
            tree,
        };
        lang.hooks.adjust(&mut ast);
        if lang.clauses_first {
            ast.move_clauses_first();
        }
        Some(ast)
    }

    pub(crate) fn len(&self) -> Id {
        u32::try_from(self.nodes.len()).unwrap_or(0)
    }

    pub(crate) fn node(&self, id: Id) -> &Node {
        self.nodes.get(id as usize).unwrap_or(&NIL)
    }

    pub(crate) fn set_kind(&mut self, id: Id, kind: Kind) {
        if let Some(n) = self.nodes.get_mut(id as usize) {
            n.kind = kind;
        }
    }

    pub(crate) fn set_field(&mut self, id: Id, field: Field) {
        if let Some(n) = self.nodes.get_mut(id as usize) {
            n.field = field;
        }
    }

    /// The nearest ancestor of this grammar's kind, at most so many steps up.
    pub(crate) fn ancestor_raw(&self, id: Id, raw: &str, steps: usize) -> Id {
        let mut at = self.parent(id);
        for _ in 0..steps {
            if at == NONE || self.raw(at) == raw {
                break;
            }
            at = self.parent(at);
        }
        if at != NONE && self.raw(at) == raw {
            at
        } else {
            NONE
        }
    }

    pub(crate) fn kind(&self, id: Id) -> Kind {
        self.node(id).kind
    }

    pub(crate) fn parent(&self, id: Id) -> Id {
        self.node(id).parent
    }

    pub(crate) fn range(&self, id: Id) -> Range<usize> {
        let n = self.node(id);
        n.start as usize..n.end as usize
    }

    pub(crate) fn text(&self, id: Id) -> &'s str {
        self.src.get(self.range(id)).unwrap_or_default()
    }

    /// The grammar's name of the kind.
    pub(crate) fn raw(&self, id: Id) -> &'static str {
        self.lang.raw_name(self.node(id).raw)
    }

    pub(crate) fn children(&self, id: Id) -> Children<'_, 's> {
        let last = if id == NONE { 0 } else { self.node(id).last };
        Children {
            ast: self,
            next: id.wrapping_add(1),
            last,
        }
    }

    pub(crate) fn child(&self, id: Id, field: Field) -> Id {
        self.children(id)
            .find(|c| self.node(*c).field == field)
            .unwrap_or(NONE)
    }

    pub(crate) fn child_of_kind(&self, id: Id, kind: Kind) -> Id {
        self.children(id)
            .find(|c| self.kind(*c) == kind)
            .unwrap_or(NONE)
    }

    /// First child that is not a comment.
    pub(crate) fn first(&self, id: Id) -> Id {
        self.children(id)
            .find(|c| self.kind(*c) != Kind::Comment)
            .unwrap_or(NONE)
    }

    /// All descendants, in document order.
    pub(crate) fn descendants(&self, id: Id) -> Range<Id> {
        if id == NONE {
            0..0
        } else {
            id + 1..self.node(id).last
        }
    }

    /// The nearest ancestor of one of these kinds.
    pub(crate) fn ancestor(&self, id: Id, kinds: &[Kind]) -> Id {
        let mut at = self.parent(id);
        while at != NONE && !kinds.contains(&self.kind(at)) {
            at = self.parent(at);
        }
        at
    }

    /// Strips wrappers (parentheses, argument nodes) off an expression.
    pub(crate) fn peel(&self, mut id: Id) -> Id {
        while self.kind(id) == Kind::Wrap {
            let mut inner = NONE;
            for c in self.children(id) {
                if self.kind(c) != Kind::Comment && self.node(c).field != Field::Operator {
                    inner = c;
                }
            }
            if inner == NONE {
                break;
            }
            id = inner;
        }
        id
    }

    /// In comprehensions, puts the clauses that bind names before the expression that uses them.
    fn move_clauses_first(&mut self) {
        let comps: Vec<Id> = (0..self.len())
            .filter(|i| self.kind(*i) == Kind::Comprehension)
            .collect();
        let mut budget = self.nodes.len().saturating_mul(8);
        for id in comps.into_iter().rev() {
            let body = self.first(id);
            if body == NONE {
                continue;
            }
            let (from, mid, to) = (
                body as usize,
                self.node(body).last as usize,
                self.node(id).last as usize,
            );
            budget = budget.saturating_sub(to.saturating_sub(from));
            if budget == 0 {
                return;
            }
            let (head, tail) = (mid - from, to - mid);
            if let Some(part) = self.nodes.get_mut(from..to) {
                part.rotate_left(head);
                for (k, n) in part.iter_mut().enumerate() {
                    let back = k < tail;
                    let shift = |x: u32| {
                        if x < body || x == NONE {
                            x
                        } else if back {
                            x.saturating_sub(u32::try_from(head).unwrap_or(0))
                        } else {
                            x.saturating_add(u32::try_from(tail).unwrap_or(0))
                        }
                    };
                    n.parent = shift(n.parent);
                    n.last = shift(n.last);
                }
            }
        }
    }
}

/// Iterator over the children of a node.
pub(crate) struct Children<'a, 's> {
    ast: &'a Ast<'s>,
    next: Id,
    last: Id,
}

impl Iterator for Children<'_, '_> {
    type Item = Id;
    fn next(&mut self) -> Option<Id> {
        if self.next >= self.last {
            return None;
        }
        let id = self.next;
        self.next = self.ast.node(id).last.max(id + 1);
        Some(id)
    }
}

fn clamp(src: &str, max: usize) -> &str {
    let mut end = src.len().min(max);
    while !src.is_char_boundary(end) {
        end -= 1;
    }
    src.get(..end).unwrap_or_default()
}

fn flatten(tree: &tree_sitter::Tree, lang: &Lang, max: usize) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::with_capacity(1024);
    let mut open: Vec<Id> = Vec::with_capacity(64);
    let mut cursor = tree.walk();
    'walk: loop {
        let raw = cursor.node();
        let field = cursor
            .field_id()
            .map_or(Field::None, |f| lang.field(f.get()));
        let keep = raw.is_named() || field != Field::None;
        let mut descend = false;
        if keep && nodes.len() < max {
            let id = u32::try_from(nodes.len()).unwrap_or(NONE);
            let kind_id = raw.kind_id();
            let kind = if kind_id == u16::MAX || raw.is_missing() {
                Kind::Error
            } else {
                lang.kind(kind_id)
            };
            nodes.push(Node {
                kind,
                field,
                raw: kind_id,
                start: u32::try_from(raw.start_byte()).unwrap_or(u32::MAX),
                end: u32::try_from(raw.end_byte()).unwrap_or(u32::MAX),
                parent: open.last().copied().unwrap_or(NONE),
                last: id + 1,
            });
            if cursor.goto_first_child() {
                open.push(id);
                descend = true;
            }
        }
        if descend {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                break 'walk;
            }
            if let Some(id) = open.pop() {
                let len = u32::try_from(nodes.len()).unwrap_or(NONE);
                if let Some(n) = nodes.get_mut(id as usize) {
                    n.last = len;
                }
            }
        }
    }
    while let Some(id) = open.pop() {
        let len = u32::try_from(nodes.len()).unwrap_or(NONE);
        if let Some(n) = nodes.get_mut(id as usize) {
            n.last = len;
        }
    }
    nodes
}
