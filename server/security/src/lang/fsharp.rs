//! F#.

use super::{ArgNode, CallParts, Hooks, ParamNode, Spec};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::{Arg, Eval};
use crate::path::Sym;
use crate::value::{Const, Safe, Shape, Val};

pub(super) fn spec() -> Spec {
    Spec {
        name: "fsharp",
        grammar: tree_sitter_fsharp::LANGUAGE_FSHARP.into(),
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: false,
        outer_assignment: false,
        ascii_scanner: false,
        loose: true,
        hooks: &FSharp,
    }
}

const KINDS: &[(&str, Kind)] = &[
    ("file", Kind::Module),
    ("identifier", Kind::Name),
    ("long_identifier", Kind::Wrap),
    ("long_identifier_or_op", Kind::Wrap),
    ("identifier_pattern", Kind::Wrap),
    ("value_declaration_left", Kind::Wrap),
    ("typed_pattern", Kind::Wrap),
    ("paren_pattern", Kind::Wrap),
    ("const", Kind::Wrap),
    ("string", Kind::Str),
    ("verbatim_string", Kind::Str),
    ("triple_quoted_string", Kind::Str),
    ("format_string", Kind::Str),
    ("format_triple_quoted_string", Kind::Str),
    ("char", Kind::Str),
    ("format_string_eval", Kind::Interp),
    ("int", Kind::Int),
    ("int32", Kind::Int),
    ("float", Kind::Float),
    ("ieee64", Kind::Float),
    ("unit", Kind::Null),
    ("null", Kind::Null),
    ("dot_expression", Kind::Attr),
    ("index_expression", Kind::Index),
    ("application_expression", Kind::Call),
    ("infix_expression", Kind::Binary),
    ("prefix_expression", Kind::Wrap),
    ("mutate_expression", Kind::Assign),
    ("method_or_prop_defn", Kind::Func),
    ("fun_expression", Kind::Lambda),
    ("argument_patterns", Kind::Params),
    ("import_decl", Kind::Import),
    ("if_expression", Kind::If),
    ("elif_expression", Kind::If),
    ("match_expression", Kind::If),
    ("function_expression", Kind::If),
    ("rule", Kind::Branch),
    ("for_expression", Kind::Loop),
    ("while_expression", Kind::Loop),
    ("try_expression", Kind::Try),
    ("paren_expression", Kind::Wrap),
    ("begin_end_expression", Kind::Wrap),
    ("ce_expression", Kind::Wrap),
    ("prefixed_expression", Kind::Wrap),
    ("do_expression", Kind::Wrap),
    ("do", Kind::Wrap),
    ("tuple_expression", Kind::List),
    ("list_expression", Kind::List),
    ("array_expression", Kind::List),
    ("brace_expression", Kind::Dict),
    ("field_initializer", Kind::Pair),
    ("field_expression", Kind::Wrap),
    ("attribute", Kind::Decorator),
    ("simple_type", Kind::Wrap),
    ("line_comment", Kind::Comment),
    ("block_comment", Kind::Comment),
    ("block_comment_content", Kind::Comment),
    ("type_name", Kind::Other),
];

const FIELDS: &[(&str, Field)] = &[
    ("base", Field::Object),
    ("field", Field::Attribute),
    ("index", Field::Index),
    ("assignee", Field::Left),
    ("value", Field::Right),
    ("body", Field::Body),
    ("guard", Field::Condition),
    ("then", Field::Then),
    ("else", Field::Else),
    ("name", Field::Name),
    ("args", Field::Params),
    ("pattern", Field::Other),
    ("block", Field::Other),
    ("in", Field::Other),
    ("return_type", Field::Return),
];

struct FSharp;

/// `a |> f`, and `f <| a`.
fn pipe(ast: &Ast<'_>, id: Id) -> Option<(Id, Id)> {
    if ast.kind(id) != Kind::Binary {
        return None;
    }
    let parts: Vec<Id> = ast
        .children(id)
        .filter(|c| ast.kind(*c) != Kind::Comment)
        .collect();
    let [left, op, right] = parts.as_slice() else {
        return None;
    };
    match ast.text(*op).trim() {
        "|>" | ">>" | "||>" => Some((*right, *left)),
        "<|" | "<<" => Some((*left, *right)),
        _ => None,
    }
}

/// Whether this call is only the inner part of a curried one.
fn is_partial(ast: &Ast<'_>, id: Id) -> bool {
    let parent = ast.parent(id);
    ast.kind(parent) == Kind::Call && ast.first(parent) == id
}

/// Callee and argument nodes of an application, a pipe, or one around the other.
fn spread(ast: &Ast<'_>, id: Id) -> (Id, Vec<Id>) {
    let mut args: Vec<Id> = Vec::new();
    let mut piped: Vec<Id> = Vec::new();
    let mut at = id;
    for _ in 0..64 {
        if let Some((function, argument)) = pipe(ast, at) {
            piped.push(argument);
            at = function;
        } else if ast.kind(at) == Kind::Call {
            let parts: Vec<Id> = ast
                .children(at)
                .filter(|c| ast.kind(*c) != Kind::Comment)
                .collect();
            let Some((first, rest)) = parts.split_first() else {
                break;
            };
            args.splice(
                0..0,
                rest.iter().copied().filter(|c| ast.raw(*c) != "types"),
            );
            at = *first;
        } else if matches!(ast.raw(at), "paren_expression" | "typed_expression")
            && ast.kind(ast.first(at)) == Kind::Call
            && args.is_empty()
        {
            break;
        } else {
            break;
        }
    }
    args.extend(piped);
    (at, args)
}

impl Hooks for FSharp {
    fn adjust(&self, ast: &mut Ast<'_>) {
        for id in 0..ast.len() {
            let parent = ast.parent(id);
            match ast.raw(id) {
                "bool" => {
                    let kind = if ast.text(id) == "true" {
                        Kind::True
                    } else {
                        Kind::False
                    };
                    ast.set_kind(id, kind);
                }
                "null" => ast.set_kind(id, Kind::Null),
                "infix_op" => ast.set_field(id, Field::Operator),
                "long_identifier" | "long_identifier_or_op" => {
                    let parts: Vec<Id> = ast
                        .children(id)
                        .filter(|c| matches!(ast.raw(*c), "identifier" | "long_identifier"))
                        .collect();
                    if let [.., object, last] = parts.as_slice() {
                        let (object, last) = (*object, *last);
                        ast.set_kind(id, Kind::Attr);
                        ast.set_field(object, Field::Object);
                        ast.set_field(last, Field::Attribute);
                    }
                }
                "function_or_value_defn" => {
                    let left = ast.first(id);
                    let body = ast.child(id, Field::Body);
                    if ast.raw(left) == "function_declaration_left" {
                        ast.set_kind(id, Kind::Func);
                        ast.set_field(left, Field::Other);
                    } else {
                        ast.set_kind(id, Kind::Assign);
                        let left = ast
                            .children(id)
                            .find(|c| ast.raw(*c) == "value_declaration_left")
                            .unwrap_or(left);
                        ast.set_field(left, Field::Left);
                        if body != NONE {
                            ast.set_field(body, Field::Right);
                        }
                    }
                }
                "string" | "triple_quoted_string"
                    if ast.children(id).any(|c| ast.kind(c) == Kind::Str) =>
                {
                    ast.set_kind(id, Kind::Wrap);
                }
                "for_expression" => {
                    let parts: Vec<Id> = ast
                        .children(id)
                        .filter(|c| ast.kind(*c) != Kind::Comment)
                        .collect();
                    if let [left, right, .., body] = parts.as_slice() {
                        let (left, right, body) = (*left, *right, *body);
                        ast.set_field(left, Field::Left);
                        ast.set_field(right, Field::Right);
                        ast.set_field(body, Field::Body);
                    }
                }
                "fun_expression" | "method_or_prop_defn" => {
                    if let Some(body) = ast.children(id).last() {
                        ast.set_field(body, Field::Body);
                    }
                }
                "index_expression" => {
                    let first = ast.first(id);
                    ast.set_field(first, Field::Object);
                }
                "field_initializer" => {
                    let parts: Vec<Id> = ast.children(id).collect();
                    if let [k, .., v] = parts.as_slice() {
                        let (k, v) = (*k, *v);
                        ast.set_field(k, Field::Key);
                        ast.set_field(v, Field::Value);
                    }
                }
                _ => {}
            }
            let _ = parent;
        }
    }

    fn string(&self, ast: &Ast<'_>, id: Id) -> String {
        let text = ast.text(id);
        if let Some(t) = text.strip_prefix("@\"") {
            return t.trim_end_matches('"').replace("\"\"", "\"");
        }
        if text.starts_with("\"\"\"") {
            return text.trim_matches('"').to_owned();
        }
        let text = text.trim_end_matches('B');
        let mut out = String::new();
        super::unescape(
            text.get(1..text.len().saturating_sub(1))
                .unwrap_or_default(),
            &mut out,
        );
        out
    }

    fn receiver(&self, ast: &Ast<'_>, callee: Id) -> Id {
        ast.child(ast.peel(callee), Field::Object)
    }

    fn function_name(&self, ast: &Ast<'_>, function: Id) -> Id {
        let left = ast.first(function);
        if ast.raw(left) == "function_declaration_left" {
            return ast.first(left);
        }
        let name = ast.child(function, Field::Name);
        ast.children(name).last().unwrap_or(name)
    }

    fn call_parts<'s>(&self, ast: &Ast<'s>, id: Id) -> CallParts<'s> {
        if ast.kind(id) == Kind::Decorator {
            return CallParts {
                callee: ast.first(id),
                args: Vec::new(),
            };
        }
        let (callee, nodes) = spread(ast, id);
        let mut args = Vec::new();
        for node in nodes {
            let node = ast.peel(node);
            if ast.raw(node) == "unit" {
                continue;
            }
            // `a, b, c` is a pair whose second half is a pair.
            let mut elements: Vec<Id> = vec![node];
            while let Some(last) = elements.last().copied() {
                if ast.raw(last) != "tuple_expression" {
                    break;
                }
                elements.pop();
                elements.extend(ast.children(last).filter(|c| ast.kind(*c) != Kind::Comment));
            }
            for e in elements {
                let e = ast.peel(e);
                let named = ast.kind(e) == Kind::Binary
                    && ast.text(ast.child(e, Field::Operator)).trim() == "=";
                let parts: Vec<Id> = ast
                    .children(e)
                    .filter(|c| ast.node(*c).field != Field::Operator)
                    .collect();
                match parts.as_slice() {
                    [k, v] if named && ast.kind(ast.peel(*k)) == Kind::Name => args.push(ArgNode {
                        name: ast.text(*k),
                        node: ast.peel(*v),
                        splat: false,
                    }),
                    _ => args.push(ArgNode {
                        name: "",
                        node: e,
                        splat: false,
                    }),
                }
            }
        }
        CallParts {
            callee: ast.peel(callee),
            args,
        }
    }

    fn params<'s>(&self, ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
        let left = ast.first(function);
        let holder = if ast.raw(left) == "function_declaration_left" {
            ast.children(left)
                .find(|c| ast.raw(*c) == "argument_patterns")
                .unwrap_or(NONE)
        } else {
            let p = ast.child(function, Field::Params);
            if p == NONE {
                ast.child_of_kind(function, Kind::Params)
            } else {
                p
            }
        };
        let mut out = Vec::new();
        let mut skip = 0;
        if holder != NONE && ast.raw(holder) == "typed_pattern" {
            push_typed(ast, holder, &mut out);
            return out;
        }
        for d in ast.descendants(holder) {
            if d < skip {
                continue;
            }
            match ast.raw(d) {
                "typed_pattern" => {
                    skip = ast.node(d).last;
                    push_typed(ast, d, &mut out);
                }
                "identifier" => out.push(ParamNode {
                    name: ast.text(d),
                    node: d,
                    ty: NONE,
                    default: NONE,
                }),
                _ => {}
            }
        }
        out
    }

    fn enter(&self, ev: &mut Eval<'_, '_>, id: Id) {
        // Parameters are bound when the body begins: the patterns have no node of their own for that.
        let ast = ev.ast;
        let parent = ast.parent(id);
        if matches!(ast.kind(parent), Kind::Func | Kind::Lambda)
            && ast.node(id).field == Field::Body
        {
            ev.bind_params(parent);
        }
        if ast.raw(id) == "anon_type_defn" {
            let name = ast.child(ast.first(id), Field::Other);
            let name = ev.syms.get(ast.text(name));
            ev.classes.insert(name);
        }
    }

    fn leave(&self, ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
        let ast = ev.ast;
        let parent = ast.parent(id);
        match ast.raw(id) {
            "identifier"
                if ast.raw(parent) == "long_identifier" && ast.kind(parent) == Kind::Attr =>
            {
                if ast.first(parent) == id {
                    return None;
                }
                if ast.node(id).field == Field::Attribute {
                    return Some(Val::UNKNOWN);
                }
                let mut before = NONE;
                for c in ast.children(parent) {
                    if c == id {
                        break;
                    }
                    before = c;
                }
                let base = ev.val(before);
                let name = ev.syms.get(ast.text(id));
                Some(ev.member(&base, name, id))
            }
            "import_decl" => {
                let name = ast.first(id);
                ev.imported(ast.text(name), id);
                Some(Val::UNKNOWN)
            }
            "application_expression" => {
                if is_partial(ast, id) {
                    return Some(Val::UNKNOWN);
                }
                Some(apply(ev, id))
            }
            "infix_expression" => infix(ev, id),
            "declaration_expression" | "sequential_expression" => Some(
                ast.children(id)
                    .filter(|c| ast.kind(*c) != Kind::Comment)
                    .last()
                    .map_or(Val::UNKNOWN, |c| ev.val(c)),
            ),
            "if_expression" | "elif_expression" => {
                let (a, b) = (ast.child(id, Field::Then), ast.child(id, Field::Else));
                Some(if b == NONE {
                    ev.val(a)
                } else {
                    {
                        let (a, b) = (ev.val(a), ev.val(b));
                        Val::join(&mut ev.syms, &a, &b)
                    }
                })
            }
            "match_expression" => {
                let rules = ast
                    .children(id)
                    .find(|c| ast.raw(*c) == "rules")
                    .unwrap_or(NONE);
                let mut out: Option<Val> = None;
                for r in ast.children(rules) {
                    let v = ast.children(r).last().map_or(Val::UNKNOWN, |c| ev.val(c));
                    out = Some(match out {
                        Some(o) => Val::join(&mut ev.syms, &o, &v),
                        None => v,
                    });
                }
                out
            }
            "typed_expression" | "typecast_expression" => Some(ev.val(ast.first(id))),
            "prefix_expression" if ast.text(id).starts_with("not") => Some(Val {
                shape: Shape::NUMBER,
                safe: Safe::ALL,
                ..Val::UNKNOWN
            }),
            _ => None,
        }
    }

    fn check(&self, ev: &mut Eval<'_, '_>, id: Id) {
        let ast = ev.ast;
        let parent = ast.parent(id);
        // `use x = value`: the declaration has no node of its own.
        if ast.raw(parent) == "declaration_expression"
            && ast.raw(ast.first(parent)) == "identifier"
            && ast.node(id).field != Field::Other
            && ast.first(parent) != id
        {
            let v = ev.val(id);
            ev.bind(ast.first(parent), v);
        }
        if ast.kind(parent) == Kind::Func && ast.node(id).field == Field::Body {
            let v = ev.val(id);
            ev.returned(&v);
        }
        checks::dotnet::fsharp(ev, id);
    }

    fn after_call(
        &self,
        ev: &mut Eval<'_, '_>,
        id: Id,
        path: Sym,
        args: &[Arg<'_>],
        _out: &mut Val,
    ) {
        let instance = ev.syms.call(path);
        for a in args.iter().filter(|a| !a.name.is_empty()) {
            let key = ev.syms.get(a.name);
            let target = ev.syms.join(instance, key);
            ev.property_rules(id, target, a.node, &a.val);
        }
    }
}

fn push_typed<'s>(ast: &Ast<'s>, node: Id, out: &mut Vec<ParamNode<'s>>) {
    let name = ast.peel(ast.first(node));
    let ty = ast.children(node).last().unwrap_or(NONE);
    out.push(ParamNode {
        name: ast.text(name),
        node: name,
        ty,
        default: NONE,
    });
}

fn apply(ev: &mut Eval<'_, '_>, id: Id) -> Val {
    let parts = ev.ast.lang.hooks.call_parts(ev.ast, id);
    let callee = ev.val(parts.callee);
    let args = ev.args(&parts);
    ev.apply(id, &callee, &parts, &args)
}

fn infix(ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
    let ast = ev.ast;
    if pipe(ast, id).is_some() {
        if is_partial(ast, id) {
            return Some(Val::UNKNOWN);
        }
        return Some(apply(ev, id));
    }
    match ast.text(ast.child(id, Field::Operator)).trim() {
        "=" | "<>" | "<" | ">" | "<=" | ">=" | "&&" | "||" => Some(Val {
            shape: Shape::NUMBER,
            safe: Safe::ALL,
            ..Val::UNKNOWN
        }),
        "|||" => {
            let parts: Vec<Id> = ast
                .children(id)
                .filter(|c| ast.node(*c).field != Field::Operator)
                .collect();
            let mut out = Val::UNKNOWN;
            for p in parts {
                let v = ev.val(p);
                if let (Const::Int(a), Const::Int(b)) = (out.konst, v.konst) {
                    out.konst = Const::Int(a | b);
                } else {
                    out = v;
                }
            }
            Some(out)
        }
        _ => None,
    }
}
