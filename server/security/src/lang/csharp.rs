//! C#.

use super::{ArgNode, CallParts, Hooks, ParamNode, Spec, standard_handler};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::Eval;
use crate::path::Sym;
use crate::value::{Safe, Shape, Val};

pub(super) fn spec() -> Spec {
    Spec {
        name: "csharp",
        grammar: tree_sitter_c_sharp::LANGUAGE.into(),
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: false,
        outer_assignment: true,
        ascii_scanner: false,
        loose: true,
        hooks: &CSharp,
    }
}

const KINDS: &[(&str, Kind)] = &[
    ("compilation_unit", Kind::Module),
    ("identifier", Kind::Name),
    ("this", Kind::Name),
    ("base", Kind::Name),
    ("predefined_type", Kind::Name),
    ("generic_name", Kind::Name),
    ("qualified_name", Kind::Name),
    ("string_literal", Kind::Str),
    ("verbatim_string_literal", Kind::Str),
    ("raw_string_literal", Kind::Str),
    ("interpolated_string_expression", Kind::Str),
    ("character_literal", Kind::Str),
    ("string_literal_content", Kind::StrPart),
    ("string_content", Kind::StrPart),
    ("escape_sequence", Kind::StrPart),
    ("interpolation", Kind::Interp),
    ("integer_literal", Kind::Int),
    ("real_literal", Kind::Float),
    ("null_literal", Kind::Null),
    ("member_access_expression", Kind::Attr),
    ("conditional_access_expression", Kind::Attr),
    ("element_access_expression", Kind::Index),
    ("bracketed_argument_list", Kind::Wrap),
    ("invocation_expression", Kind::Call),
    ("object_creation_expression", Kind::New),
    ("implicit_object_creation_expression", Kind::New),
    ("argument_list", Kind::Args),
    ("attribute_argument_list", Kind::Args),
    ("argument", Kind::Wrap),
    ("attribute_argument", Kind::Wrap),
    ("binary_expression", Kind::Binary),
    ("prefix_unary_expression", Kind::Unary),
    ("postfix_unary_expression", Kind::Wrap),
    ("assignment_expression", Kind::Assign),
    ("variable_declarator", Kind::Assign),
    ("method_declaration", Kind::Func),
    ("constructor_declaration", Kind::Func),
    ("local_function_statement", Kind::Func),
    ("lambda_expression", Kind::Lambda),
    ("anonymous_method_expression", Kind::Lambda),
    ("class_declaration", Kind::Class),
    ("struct_declaration", Kind::Class),
    ("record_declaration", Kind::Class),
    ("parameter_list", Kind::Params),
    ("parameter", Kind::Param),
    ("implicit_parameter", Kind::Name),
    ("using_directive", Kind::Import),
    ("if_statement", Kind::If),
    ("switch_statement", Kind::If),
    ("switch_section", Kind::Branch),
    ("foreach_statement", Kind::Loop),
    ("for_statement", Kind::Loop),
    ("while_statement", Kind::Loop),
    ("try_statement", Kind::Try),
    ("catch_clause", Kind::Catch),
    ("return_statement", Kind::Return),
    ("yield_statement", Kind::Return),
    ("throw_statement", Kind::Raise),
    ("throw_expression", Kind::Raise),
    ("continue_statement", Kind::Jump),
    ("break_statement", Kind::Jump),
    ("block", Kind::Block),
    ("expression_statement", Kind::Stmt),
    ("parenthesized_expression", Kind::Wrap),
    ("arrow_expression_clause", Kind::Wrap),
    ("cast_expression", Kind::Wrap),
    ("checked_expression", Kind::Wrap),
    ("initializer_expression", Kind::Dict),
    ("conditional_expression", Kind::Cond),
    ("await_expression", Kind::Await),
    ("attribute", Kind::Decorator),
    ("comment", Kind::Comment),
];

const FIELDS: &[(&str, Field)] = &[
    ("function", Field::Function),
    ("arguments", Field::Arguments),
    ("left", Field::Left),
    ("right", Field::Right),
    ("expression", Field::Object),
    ("name", Field::Name),
    ("value", Field::Value),
    ("body", Field::Body),
    ("condition", Field::Condition),
    ("consequence", Field::Then),
    ("alternative", Field::Else),
    ("operator", Field::Operator),
    ("subscript", Field::Index),
    ("type", Field::Type),
    ("parameters", Field::Params),
    ("returns", Field::Return),
];

struct CSharp;

impl Hooks for CSharp {
    fn adjust(&self, ast: &mut Ast<'_>) {
        for id in 0..ast.len() {
            let parent = ast.parent(id);
            match (ast.kind(id), ast.raw(id)) {
                (_, "boolean_literal") => {
                    let kind = if ast.text(id) == "true" {
                        Kind::True
                    } else {
                        Kind::False
                    };
                    ast.set_kind(id, kind);
                }
                (Kind::Attr, "conditional_access_expression") => {
                    let children: Vec<Id> = ast.children(id).collect();
                    if let [object, member, ..] = children.as_slice() {
                        let (object, member) = (*object, *member);
                        ast.set_field(object, Field::Object);
                        ast.set_field(member, Field::Attribute);
                    }
                }
                (Kind::Attr, _) => {
                    let name = ast.child(id, Field::Name);
                    if name != NONE {
                        ast.set_field(name, Field::Attribute);
                    }
                }
                (Kind::Assign, "variable_declarator") => {
                    let name = ast.child(id, Field::Name);
                    let last = ast
                        .children(id)
                        .filter(|c| *c != name && !matches!(ast.raw(*c), "bracketed_argument_list"))
                        .last();
                    if let Some(v) = last {
                        ast.set_field(v, Field::Value);
                    }
                }
                (Kind::Assign, _) if ast.raw(parent) == "initializer_expression" => {
                    ast.set_kind(id, Kind::Pair);
                }
                (Kind::Assign, _) => {
                    let op = ast.text(ast.child(id, Field::Operator));
                    if op == "+=" && ast.kind(ast.child(id, Field::Right)) != Kind::Lambda {
                        ast.set_kind(id, Kind::AugAssign);
                    }
                }
                (Kind::Dict, _) => {
                    let list = ast
                        .children(id)
                        .all(|c| ast.raw(c) != "assignment_expression");
                    if list {
                        ast.set_kind(id, Kind::List);
                    }
                }
                (Kind::Wrap, "argument") if ast.child(id, Field::Name) != NONE => {
                    ast.set_kind(id, Kind::Keyword);
                }
                _ => {}
            }
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
        let mut out = String::new();
        super::unescape(
            text.get(1..text.len().saturating_sub(1))
                .unwrap_or_default(),
            &mut out,
        );
        out
    }

    fn call_parts<'s>(&self, ast: &Ast<'s>, id: Id) -> CallParts<'s> {
        let mut callee = ast.child(id, Field::Function);
        if callee == NONE {
            callee = ast.child(id, Field::Type);
        }
        if ast.kind(id) == Kind::Decorator {
            callee = ast.child(id, Field::Name);
        }
        let mut args = Vec::new();
        for a in ast.children(ast.child_of_kind(id, Kind::Args)) {
            match ast.kind(a) {
                Kind::Comment => {}
                Kind::Keyword => {
                    let value = ast.children(a).last().unwrap_or(NONE);
                    args.push(ArgNode {
                        name: ast.text(ast.child(a, Field::Name)),
                        node: value,
                        splat: false,
                    });
                }
                _ => args.push(ArgNode {
                    name: "",
                    node: ast.peel(a),
                    splat: false,
                }),
            }
        }
        CallParts { callee, args }
    }

    fn leave(&self, ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
        let ast = ev.ast;
        match ast.raw(id) {
            "using_directive" => {
                let name = ast.children(id).last().unwrap_or(NONE);
                ev.imported(ast.text(name), id);
                let alias = ast.child(id, Field::Name);
                if alias != NONE && alias != name {
                    ev.bind_path(ast.text(alias), ast.text(name));
                }
                Some(Val::UNKNOWN)
            }
            "interpolation" => ast
                .children(id)
                .find(|c| ast.raw(*c) != "interpolation_brace")
                .map(|c| ev.val(c)),
            "generic_name" => {
                let name = ev.syms.get(ast.text(ast.first(id)));
                Some(Val {
                    path: name,
                    ..Val::UNKNOWN
                })
            }
            "qualified_name" => {
                let name = ev.syms.get(ast.text(id));
                Some(Val {
                    path: name,
                    ..Val::UNKNOWN
                })
            }
            "implicit_object_creation_expression" => {
                let declaration = ast.ancestor_raw(id, "variable_declaration", 4);
                let ty = ev.syms.get(ast.text(ast.child(declaration, Field::Type)));
                let parts = self.call_parts(ast, id);
                let args = ev.args(&parts);
                let callee = Val {
                    path: ty,
                    ..Val::UNKNOWN
                };
                Some(ev.apply(id, &callee, &parts, &args))
            }
            "array_creation_expression"
            | "implicit_array_creation_expression"
            | "collection_expression"
            | "implicit_stackalloc_expression" => {
                let list = ast.child_of_kind(id, Kind::List);
                if list == NONE {
                    None
                } else {
                    Some(Val {
                        def: list,
                        ..ev.val(list)
                    })
                }
            }
            "as_expression" => Some(ev.val(ast.child(id, Field::Left))),
            "is_pattern_expression" | "is_expression" => Some(Val {
                shape: Shape::NUMBER,
                safe: Safe::ALL,
                ..Val::UNKNOWN
            }),
            "prefix_unary_expression" if ast.text(id).starts_with('!') => Some(Val {
                shape: Shape::NUMBER,
                safe: Safe::ALL,
                ..Val::UNKNOWN
            }),
            "typeof_expression" | "sizeof_expression" | "nameof_expression" => Some(Val {
                shape: Shape::FIXED,
                ..Val::UNKNOWN
            }),
            _ => None,
        }
    }

    fn after_call(
        &self,
        ev: &mut Eval<'_, '_>,
        id: Id,
        path: Sym,
        _args: &[crate::engine::Arg<'_>],
        _out: &mut Val,
    ) {
        let initializer = ev
            .ast
            .children(id)
            .find(|c| ev.ast.raw(*c) == "initializer_expression");
        if let Some(init) = initializer {
            initialize(ev, init, path);
        }
    }

    fn declared_type(&self, ast: &Ast<'_>, assignment: Id) -> Id {
        let parent = ast.parent(assignment);
        if ast.raw(parent) != "variable_declaration" {
            return NONE;
        }
        let ty = ast.child(parent, Field::Type);
        if ast.raw(ty) == "implicit_type" {
            NONE
        } else {
            ty
        }
    }

    fn is_handler(&self, ev: &mut Eval<'_, '_>, function: Id) -> bool {
        let ast = ev.ast;
        for list in ast
            .children(function)
            .filter(|c| ast.raw(*c) == "attribute_list")
        {
            for a in ast
                .children(list)
                .filter(|c| ast.kind(*c) == Kind::Decorator)
            {
                let name = ev.syms.get(ast.text(ast.child(a, Field::Name)));
                if ev.info(name).handler {
                    return true;
                }
            }
        }
        if ast.kind(function) != Kind::Func {
            return false;
        }
        let class = ast.ancestor(function, &[Kind::Class]);
        if class == NONE {
            // A method cut out of its controller.
            let head = ast.text(function).split('(').next().unwrap_or_default();
            let answers = [
                "ActionResult",
                "FileResult",
                "JsonResult",
                "ContentResult",
                "IResult",
            ];
            return head.contains("public") && answers.iter().any(|a| head.contains(a))
                || standard_handler(ev, function);
        }
        let bases = ast
            .children(class)
            .find(|c| ast.raw(*c) == "base_list")
            .map_or("", |b| ast.text(b));
        let public = ast
            .children(function)
            .any(|c| ast.raw(c) == "modifier" && ast.text(c) == "public");
        let controller = bases.contains("Controller")
            || bases.contains("PageModel")
            || ast
                .text(ast.child(class, Field::Name))
                .ends_with("Controller");
        public && controller && ast.raw(function) == "method_declaration"
            || standard_handler(ev, function)
    }

    fn params<'s>(&self, ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
        super::standard_params(ast, function)
    }

    fn check(&self, ev: &mut Eval<'_, '_>, id: Id) {
        let parent = ev.ast.parent(id);
        if ev.ast.raw(id) == "arrow_expression_clause" && ev.ast.kind(parent) == Kind::Func {
            let v = ev.val(id);
            ev.returned(&v);
        }
        checks::dotnet::csharp(ev, id);
    }
}

/// `new X { A = 1 }` sets the property `A` of an `X`.
fn initialize(ev: &mut Eval<'_, '_>, init: Id, path: Sym) {
    let instance = ev.syms.call(path);
    let pairs: Vec<Id> = ev
        .ast
        .children(init)
        .filter(|c| ev.ast.kind(*c) == Kind::Pair)
        .collect();
    for pair in pairs {
        let (k, v) = ev.pair_parts(pair);
        let key = ev.syms.get(ev.ast.text(k));
        let target = ev.syms.join(instance, key);
        let value = ev.val(v);
        ev.property_rules(pair, target, v, &value);
    }
}
