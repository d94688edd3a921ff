//! Where the types of a cell's names come from, by the syntax tree of its language.
//!
//! No type checker runs here: an annotation, a constructor or the function that made a value names its type, and for F#
//! the fields of a record do. What a name means is looked up by the caller, in all cells of the script.

mod declarations;

use metascript_syntax::Language;
use smol_str::SmolStr;
use tree_sitter::Node;

use super::role::Grammar;
use crate::ir::Span;

/// The types of a cell. Spans are relative to its code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CellTypes {
    /// Types that the cell declares at its top level.
    pub(crate) types: Vec<TypeDef>,
    /// Names that it binds at its top level.
    pub(crate) bindings: Vec<Binding>,
    /// What the value of its last expression is made from.
    pub(crate) last: Vec<Source>,
}

/// A class, record, interface or alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeDef {
    pub(crate) name: SmolStr,
    pub(crate) span: Span,
    pub(crate) full: Span,
    /// The types that it extends or implements.
    pub(crate) bases: Vec<SmolStr>,
    /// The fields of a record.
    pub(crate) fields: Vec<SmolStr>,
}

/// A name with what its type comes from; for a function, the type that it returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) span: Span,
    pub(crate) function: bool,
    pub(crate) sources: Vec<Source>,
}

/// What a value's type comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// A type, a class, a function or another value of this name.
    Name(SmolStr),
    /// The record that has these fields.
    Fields(Vec<SmolStr>),
}

/// How far an expression is unwrapped: `await (f(x))[0]`.
const DEEPEST: usize = 32;

/// A type that names more than this is cut.
const MOST_NAMES: usize = 16;

pub(crate) fn types_of(language: &Language, code: &str) -> CellTypes {
    let grammar = Grammar::of(language).filter(|_| code.len() <= super::LONGEST);
    let Some((grammar, tree)) =
        grammar.zip(grammar.and_then(|grammar| super::parse(grammar, code)))
    else {
        return CellTypes::default();
    };
    let mut reader = Reader {
        grammar,
        code,
        types: CellTypes::default(),
    };
    // Depth first, without what lies in inner scopes.
    let mut open = vec![tree.root_node()];
    while let Some(node) = open.pop() {
        reader.read(node);
        if !grammar.opens_scope(node) || node.kind() == "type_definition" {
            let mut cursor = node.walk();
            open.extend(node.named_children(&mut cursor));
        }
    }
    if let Some(last) = last_child(tree.root_node()) {
        reader.types.last = reader.value(last);
    }
    reader.types.types.sort_by_key(|found| found.span);
    reader.types.bindings.sort_by_key(|found| found.span);
    reader.types
}

struct Reader<'a> {
    grammar: Grammar,
    code: &'a str,
    types: CellTypes,
}

impl Reader<'_> {
    fn text(&self, node: Node<'_>) -> SmolStr {
        SmolStr::new(self.code.get(node.byte_range()).unwrap_or_default())
    }

    fn bind(&mut self, name: Option<Node<'_>>, function: bool, sources: Vec<Source>) {
        if let Some(name) = name.filter(|name| name.kind() == "identifier") {
            self.types.bindings.push(Binding {
                span: span(name),
                function,
                sources,
            });
        }
    }

    fn declare(&mut self, name: Option<Node<'_>>, whole: Node<'_>, bases: Option<Node<'_>>) {
        let Some(name) = name else { return };
        let bases = bases.map(|bases| self.names(bases)).unwrap_or_default();
        self.types.types.push(TypeDef {
            name: self.text(name),
            span: span(name),
            full: span(whole),
            bases,
            fields: Vec::new(),
        });
    }

    /// What an annotation says; where there is none, what the value says.
    fn annotated(&self, annotation: Option<Node<'_>>, value: Option<Node<'_>>) -> Vec<Source> {
        match annotation {
            Some(annotation) => self
                .names(annotation)
                .into_iter()
                .map(Source::Name)
                .collect(),
            None => value.map(|value| self.value(value)).unwrap_or_default(),
        }
    }

    /// The names in a type: `list[Order]` may be `Order` as well as `list`.
    fn names(&self, node: Node<'_>) -> Vec<SmolStr> {
        let mut found = Vec::new();
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if matches!(node.kind(), "identifier" | "type_identifier") {
                found.push(self.text(node));
            }
            if found.len() == MOST_NAMES {
                break;
            }
            let mut cursor = node.walk();
            let children: Vec<_> = node.named_children(&mut cursor).collect();
            open.extend(children.into_iter().rev());
        }
        found
    }

    /// What an expression's value is made from.
    fn value(&self, mut node: Node<'_>) -> Vec<Source> {
        for _ in 0..DEEPEST {
            let field = |name| node.child_by_field_name(name);
            let next = match node.kind() {
                "identifier" | "long_identifier" | "long_identifier_or_op" => {
                    let first = first_leaf(node, "identifier");
                    return first
                        .map(|first| Source::Name(self.text(first)))
                        .into_iter()
                        .collect();
                }
                "as_expression" | "satisfies_expression" | "typed_expression" => {
                    return self.annotated(last_child(node), None);
                }
                "object_creation_expression" | "object_instantiation_expression" => {
                    return self.annotated(field("type").or_else(|| node.named_child(0)), None);
                }
                "field_initializers" => return vec![Source::Fields(self.fields(node))],
                "new_expression" => field("constructor").or_else(|| node.named_child(0)),
                "call" | "call_expression" | "invocation_expression" => {
                    field("function").or_else(|| node.named_child(0))
                }
                "list_comprehension" | "set_comprehension" | "generator_expression" => {
                    field("body")
                }
                "ternary_expression" => field("consequence"),
                "infix_expression" if self.is_pipe(node) => last_child(node),
                "attribute"
                | "member_expression"
                | "member_access_expression"
                | "dot_expression"
                | "subscript"
                | "subscript_expression"
                | "element_access_expression"
                | "application_expression"
                | "await"
                | "await_expression"
                | "parenthesized_expression"
                | "paren_expression"
                | "non_null_expression"
                | "list"
                | "tuple"
                | "set"
                | "array"
                | "list_expression"
                | "array_expression"
                | "brace_expression"
                | "with_field_expression"
                | "conditional_expression"
                | "boolean_operator"
                | "expression_statement"
                | "global_statement"
                | "expression"
                | "equals_value_clause" => node.named_child(0),
                "declaration_expression" | "sequential_expression" => last_child(node),
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        Vec::new()
    }

    fn is_pipe(&self, node: Node<'_>) -> bool {
        let mut cursor = node.walk();
        node.named_children(&mut cursor)
            .any(|child| child.kind() == "infix_op" && self.text(child) == "|>")
    }

    fn fields(&self, initializers: Node<'_>) -> Vec<SmolStr> {
        let mut cursor = initializers.walk();
        initializers
            .named_children(&mut cursor)
            .filter_map(|one| one.child_by_field_name("field"))
            .filter_map(|field| first_leaf(field, "identifier"))
            .map(|field| self.text(field))
            .collect()
    }
}

fn span(node: Node<'_>) -> Span {
    Span::new(node.start_byte(), node.end_byte())
}

fn last_child(node: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !child.kind().contains("comment"))
        .last()
}

fn child_of<'t>(node: Node<'t>, kinds: &[&str]) -> Option<Node<'t>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .find(|child| kinds.contains(&child.kind()))
}

/// The first node of a kind in a subtree, the subtree's root included.
fn first_leaf<'t>(node: Node<'t>, kind: &str) -> Option<Node<'t>> {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.kind() == kind {
            return Some(node);
        }
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        open.extend(children.into_iter().rev());
    }
    None
}

/// The first `leaf` in each node of kind `holder` below a node.
fn leaves_in<'t>(node: Node<'t>, holder: &str, leaf: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        if node.kind() == holder {
            found.extend(first_leaf(node, leaf));
            continue;
        }
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        open.extend(children.into_iter().rev());
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

    use std::fmt::Write as _;

    use metascript_syntax::Language;

    use super::{Source, types_of};

    fn picture(language: &Language, code: &str) -> String {
        let types = types_of(language, code);
        let mut out = String::new();
        for found in &types.types {
            write!(out, "type {}", &code[found.span.range()]).unwrap();
            for base in &found.bases {
                write!(out, " <: {base}").unwrap();
            }
            if !found.fields.is_empty() {
                write!(out, " {{{}}}", found.fields.join(" ")).unwrap();
            }
            out.push_str("; ");
        }
        let shown = |sources: &[Source]| -> Vec<String> {
            let one = |source: &Source| match source {
                Source::Name(name) => name.to_string(),
                Source::Fields(fields) => format!("{{{}}}", fields.join(" ")),
            };
            sources.iter().map(one).collect()
        };
        for found in &types.bindings {
            let call = if found.function { "()" } else { "" };
            let name = &code[found.span.range()];
            write!(out, "{name}{call}: {}; ", shown(&found.sources).join(" ")).unwrap();
        }
        write!(out, "last: {}", shown(&types.last).join(" ")).unwrap();
        out
    }

    #[test]
    fn each_language_names_its_types() {
        for (language, code, expected) in [
            (
                Language::Python,
                "class A(B):\n    x = C()\na: list[A] = []\nb = A(1)\nc = [f(x) for x in b]\ndef f(x) -> A:\n    return x\nfor d in c: pass\nd",
                "type A <: B; a: list A; b: A; c: f; f(): A; d: c; last: d",
            ),
            (
                Language::TypeScript,
                "interface I { n: number }\nclass K extends L implements I {}\nconst a: I[] = [];\nconst b = new K();\nconst c = (await load()) as I;\nconst f = (x: number): I => g(x);\nb",
                "type I; type K <: L <: I; a: I; b: K; c: I; f(): I; last: b",
            ),
            (
                Language::FSharp,
                "type R = { Id: int; Name: string }\nlet a : R list = []\nlet b = { Id = 1; Name = \"x\" }\nlet make id : R = { Id = id; Name = \"\" }\nlet c = make 3\nlet d = 3 |> make\nc",
                "type R {Id Name}; a: R list; b: {Id Name}; make(): R; c: make; d: make; last: c",
            ),
            (
                Language::CSharp,
                "record P(int X); class Q : P, IT { }\nvar a = new P(1);\nP b = F(a);\nP F(P p) { return p; }",
                "type P; type Q <: P <: IT; a: P; b: P; F(): P; last: ",
            ),
        ] {
            assert_eq!(picture(&language, code), expected, "{code}");
        }
    }
}
