//! What declares names and types in each language.

use smol_str::SmolStr;
use tree_sitter::Node;

use super::{Reader, child_of, first_leaf, last_child, leaves_in};
use crate::names::cell::role::Grammar;

impl Reader<'_> {
    /// Takes in what a node declares.
    pub(super) fn read(&mut self, node: Node<'_>) {
        match self.grammar {
            Grammar::Python => self.python(node),
            Grammar::JavaScript | Grammar::TypeScript => self.javascript(node),
            Grammar::FSharp => self.fsharp(node),
            Grammar::CSharp => self.csharp(node),
            Grammar::Rust => self.rust(node),
        }
    }

    fn python(&mut self, node: Node<'_>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "assignment" => {
                let sources = self.annotated(field("type"), field("right"));
                self.bind(field("left"), false, sources);
            }
            "for_statement" => {
                let sources = field("right").map(|right| self.value(right));
                self.bind(field("left"), false, sources.unwrap_or_default());
            }
            "function_definition" => {
                let sources = self.annotated(field("return_type"), None);
                self.bind(field("name"), true, sources);
            }
            "class_definition" => self.declare(field("name"), node, field("superclasses")),
            _ => {}
        }
    }

    fn javascript(&mut self, node: Node<'_>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "variable_declarator" => {
                let value = field("value");
                let function = value.filter(|value| {
                    matches!(value.kind(), "arrow_function" | "function_expression")
                });
                let sources = match function {
                    Some(function) => {
                        self.annotated(function.child_by_field_name("return_type"), None)
                    }
                    None => self.annotated(field("type"), value),
                };
                self.bind(field("name"), function.is_some(), sources);
            }
            "assignment_expression" => {
                let sources = self.annotated(None, field("right"));
                self.bind(field("left"), false, sources);
            }
            "function_declaration" | "generator_function_declaration" => {
                let sources = self.annotated(field("return_type"), None);
                self.bind(field("name"), true, sources);
            }
            "class_declaration"
            | "abstract_class_declaration"
            | "interface_declaration"
            | "type_alias_declaration"
            | "enum_declaration" => {
                let heritage = child_of(
                    node,
                    &["class_heritage", "extends_type_clause", "extends_clause"],
                );
                self.declare(field("name"), node, heritage);
            }
            _ => {}
        }
    }

    fn fsharp(&mut self, node: Node<'_>) {
        match node.kind() {
            "function_or_value_defn" => {
                let function = child_of(node, &["function_declaration_left"]);
                let left = function.or_else(|| child_of(node, &["value_declaration_left"]));
                let Some(left) = left else { return };
                let name = first_leaf(left, "identifier");
                let mut cursor = node.walk();
                let annotation = node.named_children(&mut cursor).find(|child| {
                    child.id() != left.id()
                        && child.kind().ends_with("type")
                        && !child.kind().starts_with("attribute")
                });
                let annotation =
                    annotation.or_else(|| child_of(left, &["typed_pattern"]).and_then(last_child));
                let body = node.child_by_field_name("body");
                let sources = self.annotated(annotation, body);
                self.bind(name, function.is_some(), sources);
            }
            "record_type_defn"
            | "union_type_defn"
            | "anon_type_defn"
            | "type_abbrev_defn"
            | "enum_type_defn"
            | "interface_type_defn"
            | "delegate_type_defn" => {
                let name =
                    child_of(node, &["type_name"]).and_then(|name| first_leaf(name, "identifier"));
                let before = self.types.types.len();
                self.declare(name, node, None);
                let fields = leaves_in(node, "record_field", "identifier");
                let mut bases: Vec<SmolStr> = Vec::new();
                for kind in ["interface_implementation", "class_inherits_decl"] {
                    let found = leaves_in(node, kind, "identifier");
                    bases.extend(found.iter().map(|base| self.text(*base)));
                }
                let fields: Vec<SmolStr> = fields.iter().map(|field| self.text(*field)).collect();
                if let Some(declared) = self.types.types.get_mut(before) {
                    declared.fields = fields;
                    declared.bases = bases;
                }
            }
            _ => {}
        }
    }

    fn csharp(&mut self, node: Node<'_>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "variable_declaration" => {
                let written = field("type").filter(|written| written.kind() != "implicit_type");
                let mut cursor = node.walk();
                for declarator in node
                    .named_children(&mut cursor)
                    .filter(|child| child.kind() == "variable_declarator")
                {
                    let value = last_child(declarator);
                    let sources = self.annotated(written, value);
                    self.bind(declarator.child_by_field_name("name"), false, sources);
                }
            }
            "local_function_statement" | "method_declaration" => {
                let sources = self.annotated(field("type").or_else(|| field("returns")), None);
                self.bind(field("name"), true, sources);
            }
            "class_declaration"
            | "record_declaration"
            | "struct_declaration"
            | "interface_declaration"
            | "enum_declaration" => {
                self.declare(field("name"), node, child_of(node, &["base_list"]));
            }
            _ => {}
        }
    }

    fn rust(&mut self, node: Node<'_>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "let_declaration" => {
                let sources = self.annotated(field("type"), field("value"));
                self.bind(field("pattern"), false, sources);
            }
            "const_item" | "static_item" => {
                let sources = self.annotated(field("type"), None);
                self.bind(field("name"), false, sources);
            }
            "function_item" => {
                let sources = self.annotated(field("return_type"), None);
                self.bind(field("name"), true, sources);
            }
            "struct_item" | "enum_item" | "union_item" | "trait_item" | "type_item" => {
                self.declare(field("name"), node, field("bounds"));
            }
            _ => {}
        }
    }
}
