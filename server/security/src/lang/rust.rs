//! Rust.

pub(crate) mod macros;

use super::{Hooks, ParamNode, Spec};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::Eval;
use crate::value::Val;

pub(super) fn spec() -> Spec {
    Spec {
        name: "rust",
        grammar: tree_sitter_rust::LANGUAGE.into(),
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: false,
        outer_assignment: true,
        ascii_scanner: false,
        loose: true,
        hooks: &Rust,
    }
}

const KINDS: &[(&str, Kind)] = &[
    ("source_file", Kind::Module),
    ("identifier", Kind::Name),
    ("self", Kind::Name),
    ("type_identifier", Kind::Name),
    ("shorthand_field_identifier", Kind::Name),
    ("string_literal", Kind::Str),
    ("raw_string_literal", Kind::Str),
    ("string_content", Kind::StrPart),
    ("escape_sequence", Kind::StrPart),
    ("integer_literal", Kind::Int),
    ("float_literal", Kind::Float),
    ("field_expression", Kind::Attr),
    ("index_expression", Kind::Index),
    ("call_expression", Kind::Call),
    ("arguments", Kind::Args),
    ("binary_expression", Kind::Binary),
    ("unary_expression", Kind::Unary),
    ("assignment_expression", Kind::Assign),
    ("let_declaration", Kind::Assign),
    ("let_condition", Kind::Assign),
    ("const_item", Kind::Assign),
    ("static_item", Kind::Assign),
    ("compound_assignment_expr", Kind::AugAssign),
    ("function_item", Kind::Func),
    ("closure_expression", Kind::Lambda),
    ("parameters", Kind::Params),
    ("closure_parameters", Kind::Params),
    ("parameter", Kind::Param),
    ("use_declaration", Kind::Import),
    ("if_expression", Kind::If),
    ("match_expression", Kind::If),
    ("match_arm", Kind::Branch),
    ("for_expression", Kind::Loop),
    ("while_expression", Kind::Loop),
    ("return_expression", Kind::Return),
    ("break_expression", Kind::Jump),
    ("continue_expression", Kind::Jump),
    ("block", Kind::Block),
    ("expression_statement", Kind::Stmt),
    ("parenthesized_expression", Kind::Wrap),
    ("reference_expression", Kind::Wrap),
    ("try_expression", Kind::Wrap),
    ("type_cast_expression", Kind::Wrap),
    ("else_clause", Kind::Wrap),
    ("mut_pattern", Kind::Wrap),
    ("ref_pattern", Kind::Wrap),
    ("await_expression", Kind::Await),
    ("array_expression", Kind::List),
    ("tuple_expression", Kind::List),
    ("tuple_pattern", Kind::Pattern),
    ("attribute_item", Kind::Decorator),
    ("line_comment", Kind::Comment),
    ("block_comment", Kind::Comment),
];

const FIELDS: &[(&str, Field)] = &[
    ("function", Field::Function),
    ("arguments", Field::Arguments),
    ("left", Field::Left),
    ("right", Field::Right),
    ("pattern", Field::Left),
    ("value", Field::Value),
    ("field", Field::Attribute),
    ("name", Field::Name),
    ("path", Field::Other),
    ("body", Field::Body),
    ("condition", Field::Condition),
    ("consequence", Field::Then),
    ("alternative", Field::Else),
    ("operator", Field::Operator),
    ("type", Field::Type),
    ("parameters", Field::Params),
    ("macro", Field::Function),
];

struct Rust;

impl Hooks for Rust {
    fn read_as(&self, code: &str) -> Option<Vec<u8>> {
        macros::as_calls(code)
    }

    fn adjust(&self, ast: &mut Ast<'_>) {
        for id in 0..ast.len() {
            match ast.raw(id) {
                "boolean_literal" => {
                    let kind = if ast.text(id) == "true" {
                        Kind::True
                    } else {
                        Kind::False
                    };
                    ast.set_kind(id, kind);
                }
                "field_expression" => {
                    let value = ast.child(id, Field::Value);
                    ast.set_field(value, Field::Object);
                }
                "index_expression" => {
                    let parts: Vec<Id> = ast.children(id).collect();
                    if let [object, index] = parts.as_slice() {
                        let (object, index) = (*object, *index);
                        ast.set_field(object, Field::Object);
                        ast.set_field(index, Field::Index);
                    }
                }
                "for_expression" => {
                    let value = ast.child(id, Field::Value);
                    ast.set_field(value, Field::Right);
                }
                _ => {}
            }
        }
    }

    fn string(&self, ast: &Ast<'_>, id: Id) -> String {
        let mut out = String::new();
        for c in ast.children(id).filter(|c| ast.kind(*c) == Kind::StrPart) {
            super::unescape(ast.text(c), &mut out);
        }
        out
    }

    /// `#[get("/")]` stands before the function, as a node of its own.
    fn is_handler(&self, ev: &mut Eval<'_, '_>, function: Id) -> bool {
        let ast = ev.ast;
        let before = ast
            .src
            .get(..ast.range(function).start)
            .unwrap_or_default()
            .trim_end();
        ast.kind(function) == Kind::Func
            && before.ends_with(']')
            && before.rsplit('\n').take(6).any(|line| {
                let name = line.trim_start().strip_prefix("#[").unwrap_or_default();
                let name = name.split('(').next().unwrap_or_default();
                matches!(
                    name.rsplit("::").next(),
                    Some("get" | "post" | "put" | "delete" | "patch" | "head" | "route")
                )
            })
    }

    fn params<'s>(&self, ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
        let mut out = Vec::new();
        for p in super::standard_params(ast, function) {
            if ast.kind(p.node) == Kind::Name || p.node == NONE {
                out.push(p);
                continue;
            }
            // `Query(q): Query<Q>`: the names that the pattern binds.
            let bound = ast.descendants(p.node).filter(|d| {
                ast.kind(*d) == Kind::Name
                    && ast
                        .text(*d)
                        .starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            });
            let before = out.len();
            out.extend(bound.map(|d| ParamNode {
                name: ast.text(d),
                node: d,
                ..p
            }));
            if out.len() == before {
                out.push(p);
            }
        }
        out
    }

    fn leave(&self, ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
        let ast = ev.ast;
        match ast.raw(id) {
            "use_declaration" => {
                import(ev, id);
                Some(Val::UNKNOWN)
            }
            "scoped_identifier" | "scoped_type_identifier" => {
                let text: String = ast
                    .text(id)
                    .replace("::", ".")
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .collect();
                let text = strip_generics(&text);
                let path = ev.resolve_name(&text);
                let val = Val {
                    path,
                    ..Val::UNKNOWN
                };
                let _ = ev.info(path);
                ev.access(id, path);
                Some(val)
            }
            "generic_function" | "generic_type" => Some(ev.val(ast.first(id))),
            "macro_invocation" => Some(macros::value(ev, id)),
            "call_expression" if macros::is_call(ast, id) => Some(macros::value(ev, id)),
            "block" | "unsafe_block" | "async_block" => ast
                .children(id)
                .filter(|c| ast.kind(*c) != Kind::Comment)
                .last()
                .map(|c| ev.val(c)),
            "type_cast_expression" => Some(ev.val(ast.child(id, Field::Value))),
            "match_expression" => Some(match_value(ev, id)),
            "match_pattern" => {
                bind_arm(ev, id);
                Some(Val::UNKNOWN)
            }
            "type_item" => {
                // `type Enc = cbc::Encryptor<Aes256>;`
                let path = ev.val(ast.child(id, Field::Type)).path;
                if !path.is_empty() {
                    let name = ast.text(ast.child(id, Field::Name));
                    let path = ev.syms.str(path).to_owned();
                    ev.bind_path(name, &path);
                }
                Some(Val::UNKNOWN)
            }
            "if_expression" => {
                let (a, b) = (ast.child(id, Field::Then), ast.child(id, Field::Else));
                Some(if b == NONE {
                    Val::UNKNOWN
                } else {
                    {
                        let (a, b) = (ev.val(a), ev.val(b));
                        Val::join(&mut ev.syms, &a, &b)
                    }
                })
            }
            _ => None,
        }
    }

    fn check(&self, ev: &mut Eval<'_, '_>, id: Id) {
        checks::rust::check(ev, id);
        if ev.ast.kind(ev.ast.parent(id)) == Kind::Func && ev.ast.node(id).field == Field::Body {
            let v = ev.val(id);
            ev.returned(&v);
        }
    }
}

/// The value of whichever arm is taken; an arm that leaves the function has none.
fn match_value(ev: &mut Eval<'_, '_>, id: Id) -> Val {
    let ast = ev.ast;
    let body = ast.child(id, Field::Body);
    let mut out: Option<Val> = None;
    for arm in ast.children(body).filter(|c| ast.raw(*c) == "match_arm") {
        let value = ast.child(arm, Field::Value);
        let leaves = matches!(ast.kind(value), Kind::Return | Kind::Jump)
            || matches!(
                macros::name(ast, value),
                Some("panic" | "unreachable" | "bail")
            );
        if leaves {
            continue;
        }
        let value = ev.val(value);
        out = Some(match out {
            Some(known) => Val::join(&mut ev.syms, &known, &value),
            None => value,
        });
    }
    out.unwrap_or(Val::UNKNOWN)
}

/// `match value { Some(x) => .. }`: what a pattern takes out of the value.
fn bind_arm(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let choice = ast.parent(ast.parent(ast.parent(id)));
    let pattern = ast.first(id);
    let variant = ast
        .text(pattern)
        .starts_with(|c: char| c.is_ascii_uppercase());
    if ast.raw(choice) != "match_expression" || ast.kind(pattern) == Kind::Name && variant {
        return;
    }
    let value = ev.val(ast.child(choice, Field::Value));
    ev.bind(pattern, value);
}

fn strip_generics(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out.replace("..", ".")
}

/// `use a::b::{c, d as e};`
fn import(ev: &mut Eval<'_, '_>, id: Id) {
    let text: String = ev.ast.text(id).to_owned();
    let text = text
        .trim_start_matches("pub ")
        .trim_start_matches("use")
        .trim()
        .trim_end_matches(';')
        .trim();
    let mut work: Vec<(String, String)> = vec![(String::new(), text.to_owned())];
    let mut budget = 200;
    while let Some((prefix, rest)) = work.pop() {
        budget -= 1;
        if budget == 0 {
            return;
        }
        let rest = rest.trim().to_owned();
        if let Some(open) = rest.find('{') {
            let head = rest
                .get(..open)
                .unwrap_or_default()
                .trim()
                .trim_end_matches("::");
            let base = if prefix.is_empty() {
                head.to_owned()
            } else if head.is_empty() {
                prefix.clone()
            } else {
                format!("{prefix}::{head}")
            };
            let inner = rest
                .get(open + 1..rest.rfind('}').unwrap_or(rest.len()))
                .unwrap_or_default();
            let mut depth = 0;
            let mut part = String::new();
            for c in inner.chars().chain([',']) {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        work.push((base.clone(), std::mem::take(&mut part)));
                        continue;
                    }
                    _ => {}
                }
                part.push(c);
            }
            continue;
        }
        if rest.is_empty() {
            continue;
        }
        let (path, alias) = rest
            .split_once(" as ")
            .map_or((rest.as_str(), None), |(p, a)| (p.trim(), Some(a.trim())));
        let full = if prefix.is_empty() {
            path.to_owned()
        } else {
            format!("{prefix}::{path}")
        };
        let full = full.trim_end_matches("::self").replace("::", ".");
        let bound = alias.map_or_else(
            || full.rsplit('.').next().unwrap_or(&full).to_owned(),
            str::to_owned,
        );
        ev.imported(&full, id);
        ev.bind_path(&bound, &full);
    }
}
