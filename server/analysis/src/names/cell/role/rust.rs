//! Rust: what an identifier does, inside macros too.

use std::ops::Range;

use tree_sitter::Node;

use super::{Role, binds, is_field};

/// Nodes that names are limited to.
pub(super) const SCOPES: &[&str] = &[
    "function_item",
    "closure_expression",
    "block",
    "if_expression",
    "while_expression",
    "for_expression",
    "match_arm",
    "impl_item",
    "trait_item",
    "mod_item",
    "struct_item",
    "enum_item",
    "union_item",
];

pub(super) fn role<'t>(node: Node<'t>, above: &[Node<'t>], code: &str) -> Option<Role> {
    let parent = *above.last()?;
    match node.kind() {
        "type_identifier" => return type_name(node, parent),
        "shorthand_field_identifier" => return Some(Role::Define),
        "identifier" => {}
        _ => return None,
    }
    let name = is_field(parent, node, "name");
    match parent.kind() {
        "label" | "lifetime" | "enum_variant" | "macro_definition" => return None,
        "function_item" | "mod_item" if name => return Some(Role::DefineOutside),
        "const_item" | "static_item" | "const_parameter" if name => return Some(Role::Define),
        "scoped_identifier" | "scoped_type_identifier" if name => {
            return imported(node, above);
        }
        "use_declaration" | "use_list" | "use_as_clause" => return imported(node, above),
        "token_tree" => return in_macro(node, above, code),
        _ => {}
    }
    // Climb to the node that says what the identifier is for.
    let mut inner = node;
    for outer in above.iter().rev().copied() {
        let pattern = is_field(outer, inner, "pattern");
        match outer.kind() {
            "attribute" | "use_declaration" => return None,
            "scoped_identifier" | "scoped_use_list" => {}
            "let_declaration" | "parameter" | "for_expression" | "let_condition" | "match_arm"
            | "field_pattern"
                if pattern =>
            {
                return Some(bound(node, code));
            }
            "closure_parameters" => return Some(bound(node, code)),
            "tuple_struct_pattern" if is_field(outer, inner, "type") => return Some(Role::Use),
            "match_pattern" if is_field(outer, inner, "condition") => return Some(Role::Use),
            kind if kind.ends_with("_pattern") => {}
            _ => return Some(Role::Use),
        }
        inner = outer;
    }
    Some(Role::Use)
}

fn bound(node: Node<'_>, code: &str) -> Role {
    if binds(node, code) {
        Role::Define
    } else {
        Role::Use
    }
}

fn type_name(node: Node<'_>, parent: Node<'_>) -> Option<Role> {
    let name = is_field(parent, node, "name");
    Some(match parent.kind() {
        "struct_item" | "enum_item" | "union_item" | "trait_item" if name => Role::DefineOutside,
        "type_item" | "type_parameter" if name => Role::Define,
        "scoped_type_identifier" if name => return None,
        _ => Role::Use,
    })
}

/// The last part of a path: a name that `use` brings into scope, or a member of a module.
fn imported<'t>(node: Node<'t>, above: &[Node<'t>]) -> Option<Role> {
    let mut inner = node;
    for outer in above.iter().rev().copied() {
        match outer.kind() {
            "use_as_clause" => return is_field(outer, inner, "alias").then_some(Role::Define),
            "scoped_use_list" if is_field(outer, inner, "path") => return None,
            "scoped_identifier" if !is_field(outer, inner, "name") => return None,
            "use_declaration" => return Some(Role::Define),
            "scoped_identifier" | "use_list" | "scoped_use_list" => {}
            _ => return None,
        }
        inner = outer;
    }
    None
}

/// The arguments of a macro are no tree: what stands behind a dot or `::` is a member.
fn in_macro<'t>(node: Node<'t>, above: &[Node<'t>], code: &str) -> Option<Role> {
    let out = ["attribute_item", "inner_attribute_item", "macro_definition"];
    if above.iter().any(|outer| out.contains(&outer.kind())) {
        return None;
    }
    let before = code.get(..node.start_byte())?.trim_end();
    let after = code.get(node.end_byte()..)?.trim_start();
    let range = before.ends_with("..");
    let member = (before.ends_with('.') && !range) || before.ends_with("::");
    // `format!("{a}", a = 1)` names an argument.
    let named = after.starts_with('=') && !after.starts_with("==") && !after.starts_with("=>");
    (!member && !named).then_some(Role::Use)
}

/// The names that the text of a macro's string reads: `{name}`, `{name:?}`.
pub(in crate::names::cell) fn format_names(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(step) = text.get(at..).and_then(|rest| rest.find('{')) {
        let open = at + step + 1;
        let rest = text.get(open..).unwrap_or_default();
        if rest.starts_with('{') {
            at = open + 1;
            continue;
        }
        let length = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        let ends = rest.get(length..).unwrap_or_default();
        let digit = rest.starts_with(|c: char| c.is_ascii_digit());
        if length > 0 && !digit && ends.starts_with(['}', ':']) {
            found.push(open..open + length);
        }
        at = open + length;
    }
    found
}
