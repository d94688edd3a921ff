//! The names that a cell defines and reads, by the syntax tree of its language.
//!
//! A cell shares its top-level names with the cells after it. So there are three kinds of names in a cell: those bound at
//! its top level (shared), those bound in an inner scope (its own business), and those bound nowhere in it (they come from
//! outside). One walk collects every identifier with its role, then the scopes say which kind each one is.

mod role;
#[cfg(test)]
mod tests;
pub(crate) mod types;

use std::cell::RefCell;

use metascript_syntax::Language;
use rustc_hash::FxHashSet;
use smol_str::SmolStr;
use tree_sitter::{Node, Parser};

use self::role::{Grammar, Role, format_names};
use crate::db::CellSource;
use crate::ir::Span;

/// What a cell has to do with the names around it. Spans are relative to its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CellNames {
    /// Names bound at the top level, in order; a name bound twice comes twice.
    pub(crate) defines: Vec<(SmolStr, Span)>,
    /// Places that read a name of the top level or from outside.
    pub(crate) uses: Vec<(SmolStr, Span)>,
    /// Names bound in inner scopes.
    pub(crate) locals: FxHashSet<SmolStr>,
    /// Words that stand alone between quotes: a cell may hand a value over by name, as in `env["total"] = 3`.
    pub(crate) quoted: FxHashSet<SmolStr>,
    /// Names that are read in functions only, and so perhaps long after the cell.
    pub(crate) deferred: FxHashSet<SmolStr>,
    /// Whether the language is understood; otherwise `uses` are all words of the code.
    pub(crate) understood: bool,
}

/// Longer cells are not taken apart: nobody writes them by hand.
const LONGEST: usize = 1 << 20;

/// The names of a cell.
#[salsa::tracked(returns(ref))]
pub(crate) fn cell_names<'db>(db: &'db dyn salsa::Database, cell: CellSource<'db>) -> CellNames {
    let code = cell.code(db);
    names_of(cell.language(db), code)
}

/// All names of a cell.
pub(crate) fn names_of(language: &Language, code: &str) -> CellNames {
    let mut names = walked(language, code, false).unwrap_or_else(|| CellNames {
        uses: crate::expression::words(code)
            .map(|(at, word)| (SmolStr::new(word), Span::new(at, at + word.len())))
            .collect(),
        ..CellNames::default()
    });
    names.quoted = quoted_words(code).map(SmolStr::new).collect();
    names
}

/// The names that a cell binds at its top level, without a look into its functions: what they give names to without
/// declaring it is left out.
pub(crate) fn definitions_of(language: &Language, code: &str) -> CellNames {
    walked(language, code, true).unwrap_or_default()
}

/// What the tree of a cell says; `None` where the language is not understood.
fn walked(language: &Language, code: &str, surface: bool) -> Option<CellNames> {
    let grammar = Grammar::of(language).filter(|_| code.len() <= LONGEST)?;
    let tree = parse(grammar, code)?;
    Some(Walk::new(grammar, code, surface).run(&tree))
}

/// The words that have quotes of one kind directly on both sides.
fn quoted_words(code: &str) -> impl Iterator<Item = &str> {
    crate::expression::words(code)
        .filter(|(at, word)| {
            let bytes = code.as_bytes();
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let after = bytes.get(at + word.len());
            before == after && matches!(before, Some(b'"' | b'\''))
        })
        .map(|(_, word)| word)
}

fn parse(grammar: Grammar, code: &str) -> Option<tree_sitter::Tree> {
    thread_local! {
        static PARSER: RefCell<Option<Parser>> = const { RefCell::new(None) };
    }
    PARSER.with(|slot| {
        let mut parser = slot.take().unwrap_or_default();
        parser.set_language(&grammar.language()).ok()?;
        let tree = parser.parse(code, None);
        slot.replace(Some(parser));
        tree
    })
}

/// Where a line begins that is the first of a top-level statement: places to cut a cell in two.
pub(crate) fn statements(language: &Language, code: &str) -> Vec<usize> {
    let Some(grammar) = Grammar::of(language).filter(|_| code.len() <= LONGEST) else {
        return Vec::new();
    };
    if grammar == Grammar::FSharp {
        return declarations(code);
    }
    let Some(tree) = parse(grammar, code).filter(|tree| !tree.root_node().has_error()) else {
        return Vec::new();
    };
    let root = tree.root_node();
    let mut cursor = root.walk();
    root.named_children(&mut cursor)
        .filter_map(|statement| {
            let before = code.get(..statement.start_byte())?;
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            before.get(line..)?.trim().is_empty().then_some(line)
        })
        .collect()
}

/// Where a name is the key of an object and the variable that it is for, in one word.
pub(crate) fn shorthand_names(language: &Language, code: &str) -> Vec<usize> {
    let short = [Grammar::JavaScript, Grammar::TypeScript, Grammar::Rust];
    let grammar = Grammar::of(language)
        .filter(|grammar| short.contains(grammar))
        .filter(|_| code.len() <= LONGEST);
    let Some(tree) = grammar.and_then(|grammar| parse(grammar, code)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        let kind = node.kind();
        if kind.starts_with("shorthand_property_identifier")
            || matches!(
                kind,
                "shorthand_field_identifier" | "shorthand_field_initializer"
            )
        {
            found.push(node.start_byte());
        }
        let mut cursor = node.walk();
        open.extend(node.named_children(&mut cursor));
    }
    found
}

/// In F# expressions hold what follows them; but a declaration at the cell's own indentation begins something new.
fn declarations(code: &str) -> Vec<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let base = code
        .lines()
        .find(|line| !line.trim().is_empty())
        .map_or(0, indent);
    let begins = ["let ", "type ", "module ", "open ", "do ", "printf"];
    let mut start = 0;
    let mut found = Vec::new();
    for line in code.split_inclusive('\n') {
        let text = line.trim_start();
        if indent(line) == base && begins.iter().any(|word| text.starts_with(word)) {
            found.push(start);
        }
        start += line.len();
    }
    found
}

#[derive(Default)]
struct Scope {
    parent: usize,
    names: FxHashSet<SmolStr>,
    /// It runs when somebody calls it.
    deferred: bool,
}

struct Walk<'a> {
    grammar: Grammar,
    code: &'a str,
    /// The inside of functions is left out.
    surface: bool,
    scopes: Vec<Scope>,
    /// Identifier, its place, the scope it stands in, whether it may define the name at the top level.
    found: Vec<(SmolStr, Span, usize, Role)>,
}

impl<'a> Walk<'a> {
    fn new(grammar: Grammar, code: &'a str, surface: bool) -> Walk<'a> {
        Walk {
            grammar,
            code,
            surface,
            scopes: vec![Scope::default()],
            found: Vec::new(),
        }
    }

    fn run(mut self, tree: &tree_sitter::Tree) -> CellNames {
        let mut cursor = tree.walk();
        let mut open: Vec<usize> = vec![0];
        let mut above: Vec<Node<'_>> = Vec::new();
        // Depth first without recursion: code can nest deeper than the stack.
        'nodes: loop {
            let node = cursor.node();
            self.enter(node, &above, &mut open);
            // What stands in the top level's own scope is on the surface, and so is the head of what opens another one.
            let inner = self.surface
                && matches!(cursor.field_name(), Some("body" | "parameters"))
                && above
                    .last()
                    .is_some_and(|outer| self.grammar.opens_scope(*outer));
            if !inner && cursor.goto_first_child() {
                above.push(node);
                continue;
            }
            self.leave(node, &mut open);
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    break 'nodes;
                }
                above.pop();
                self.leave(cursor.node(), &mut open);
            }
        }
        self.resolve()
    }

    fn enter<'t>(&mut self, node: Node<'t>, above: &[Node<'t>], open: &mut Vec<usize>) {
        let here = open.last().copied().unwrap_or(0);
        if self.grammar.opens_scope(node) {
            let outer = self.scopes.get(here).is_some_and(|scope| scope.deferred);
            self.scopes.push(Scope {
                parent: here,
                names: FxHashSet::default(),
                deferred: outer || self.grammar.defers(node),
            });
            open.push(self.scopes.len() - 1);
            return;
        }
        if self.grammar == Grammar::Rust && node.kind() == "string_content" {
            return self.format_string(node, above, here);
        }
        let Some(role) = self.grammar.role(node, above, self.code) else {
            return;
        };
        let Some(text) = self.code.get(node.byte_range()) else {
            return;
        };
        let name = SmolStr::new(text);
        let scope = match role {
            Role::DefineOutside => self.scopes.get(here).map_or(0, |scope| scope.parent),
            _ => here,
        };
        if matches!(role, Role::Define | Role::DefineOutside)
            && let Some(scope) = self.scopes.get_mut(scope)
        {
            scope.names.insert(name.clone());
        }
        self.found.push((
            name,
            Span::new(node.start_byte(), node.end_byte()),
            scope,
            role,
        ));
    }

    /// What a macro of Rust reads by names in a string.
    fn format_string(&mut self, node: Node<'_>, above: &[Node<'_>], scope: usize) {
        let in_macro = above.iter().any(|outer| outer.kind() == "macro_invocation");
        let text = self.code.get(node.byte_range()).filter(|_| in_macro);
        let text = text.unwrap_or_default();
        for range in format_names(text) {
            let name = SmolStr::new(text.get(range.clone()).unwrap_or_default());
            let start = node.start_byte();
            let span = Span::new(start + range.start, start + range.end);
            self.found.push((name, span, scope, Role::Use));
        }
    }

    fn leave(&self, node: Node<'_>, open: &mut Vec<usize>) {
        if self.grammar.opens_scope(node) && open.len() > 1 {
            open.pop();
        }
    }

    fn resolve(self) -> CellNames {
        let mut names = CellNames {
            understood: true,
            ..CellNames::default()
        };
        let mut shared: FxHashSet<SmolStr> = FxHashSet::default();
        let mut at_once: FxHashSet<SmolStr> = FxHashSet::default();
        for scope in self.scopes.iter().skip(1) {
            names.locals.extend(scope.names.iter().cloned());
        }
        for (name, span, scope, role) in &self.found {
            match role {
                Role::Define | Role::DefineOutside if *scope == 0 => {
                    names.defines.push((name.clone(), *span));
                }
                Role::Define | Role::DefineOutside => {}
                Role::Assign | Role::Use => {
                    if self.is_local(name, *scope) {
                        continue;
                    }
                    let known = self
                        .scopes
                        .first()
                        .is_some_and(|root| root.names.contains(name))
                        || shared.contains(name);
                    if *role == Role::Assign && !known {
                        shared.insert(name.clone());
                        names.defines.push((name.clone(), *span));
                    } else {
                        names.uses.push((name.clone(), *span));
                        let scope = self.scopes.get(*scope);
                        if scope.is_some_and(|scope| scope.deferred) {
                            names.deferred.insert(name.clone());
                        } else {
                            at_once.insert(name.clone());
                        }
                    }
                }
            }
        }
        names.deferred.retain(|name| !at_once.contains(name));
        names
    }

    /// Whether the name is bound in the scope or one around it, the top level left out.
    fn is_local(&self, name: &SmolStr, mut scope: usize) -> bool {
        while scope != 0 {
            let Some(here) = self.scopes.get(scope) else {
                return false;
            };
            if here.names.contains(name) {
                return true;
            }
            scope = here.parent;
        }
        false
    }
}
