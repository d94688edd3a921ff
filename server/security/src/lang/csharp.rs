//! C#.

use super::{ArgNode, CallParts, Hooks, ParamNode, ParamRole, Spec, standard_handler};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::Eval;
use crate::path::{Sym, last_part};
use crate::value::{Safe, Shape, Taint, Val};

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
                (Kind::Wrap, "argument" | "attribute_argument")
                    if ast.child(id, Field::Name) != NONE =>
                {
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
        if callee == NONE && ast.raw(id) == "implicit_object_creation_expression" {
            callee = awaited_type(ast, id);
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
                } else if ast.text(id).starts_with("using static ") {
                    ev.star_import(ast.text(name));
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
            "array_creation_expression"
            | "implicit_array_creation_expression"
            | "collection_expression"
            | "implicit_stackalloc_expression" => {
                let list = ast.child_of_kind(id, Kind::List);
                if list == NONE {
                    zeros(ev, id)
                } else {
                    Some(Val {
                        def: list,
                        ..ev.val(list)
                    })
                }
            }
            "as_expression" => Some(ev.val(ast.child(id, Field::Left))),
            "is_pattern_expression" | "is_expression" => {
                bind_pattern(ev, id);
                Some(Val {
                    shape: Shape::NUMBER,
                    safe: Safe::ALL,
                    ..Val::UNKNOWN
                })
            }
            "prefix_unary_expression" if ast.text(id).starts_with('!') => Some(Val {
                shape: Shape::NUMBER,
                safe: Safe::ALL,
                ..Val::UNKNOWN
            }),
            "typeof_expression" => Some(Val {
                path: ev.syms.get("typeof()"),
                shape: Shape::FIXED,
                ..Val::UNKNOWN
            }),
            "sizeof_expression" | "nameof_expression" => Some(Val {
                shape: Shape::FIXED,
                ..Val::UNKNOWN
            }),
            "cast_expression" => cast(ev, id),
            "switch_expression" => switch(ev, id),
            "property_declaration" => {
                bind_property(ev, id);
                None
            }
            _ => None,
        }
    }

    fn enter(&self, ev: &mut Eval<'_, '_>, id: Id) {
        let parent = ev.ast.parent(id);
        if ev.ast.raw(parent) == "foreach_statement" && ev.ast.node(id).field == Field::Body {
            bind_element(ev, parent);
        }
    }

    fn after_call(
        &self,
        ev: &mut Eval<'_, '_>,
        id: Id,
        path: Sym,
        args: &[crate::engine::Arg<'_>],
        out: &mut Val,
    ) {
        let initializer = ev
            .ast
            .children(id)
            .find(|c| ev.ast.raw(*c) == "initializer_expression");
        let text = ev.syms.str(path).to_owned();
        if let Some(init) = initializer {
            initialize(ev, init, path);
            let name = last_part(&text);
            let collection = ["Dictionary", "HashSet", "List", "SortedSet"]
                .iter()
                .any(|c| name.ends_with(c));
            if collection && ev.val(init).is_const() {
                out.shape = out.shape.or(Shape::FIXED);
                out.taint = Taint::NONE;
            }
        }
        bind_outputs(ev, id, &text, args);
        known_results(ev, &text, args, out);
    }

    fn param_role(&self, ev: &mut Eval<'_, '_>, param: &ParamNode<'_>, handler: bool) -> ParamRole {
        let ast = ev.ast;
        if numbers(ast.text(param.ty)) {
            return ParamRole::Plain;
        }
        let from_request = ast
            .children(ast.parent(param.node))
            .filter(|c| ast.raw(*c) == "attribute_list")
            .any(|list| {
                [
                    "FromBody",
                    "FromQuery",
                    "FromForm",
                    "FromRoute",
                    "FromHeader",
                ]
                .iter()
                .any(|a| ast.text(list).contains(a))
            });
        let bound = handler
            && [
                "Dto", "DTO", "Request", "Model", "Input", "Command", "Form", "Payload",
            ]
            .iter()
            .any(|end| ast.text(param.ty).trim_end_matches('?').ends_with(end))
            && !matches!(ast.text(param.ty), "HttpRequest");
        if from_request || bound {
            ParamRole::Input
        } else {
            ParamRole::Other
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
            return is_endpoint(ast, function);
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

/// The type that `new(...)` makes: what the declaration or the function around says.
fn awaited_type(ast: &Ast<'_>, id: Id) -> Id {
    let mut parent = ast.parent(id);
    if ast.raw(parent) == "return_statement" {
        parent = ast.ancestor(parent, &[Kind::Func, Kind::Lambda]);
    }
    if ast.raw(parent) == "arrow_expression_clause" {
        parent = ast.parent(parent);
    }
    if ast.raw(parent) == "variable_declarator" {
        parent = ast.parent(parent);
    }
    let returned = ast.child(parent, Field::Return);
    if returned == NONE {
        ast.child(parent, Field::Type)
    } else {
        returned
    }
}

/// `new byte[16]` in a method: zeros until something fills it.
fn zeros(ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
    let ast = ev.ast;
    let rank = ast
        .children(ast.child(id, Field::Type))
        .find(|c| ast.raw(*c) == "array_rank_specifier")?;
    let size = ast.first(rank);
    let field = ast.ancestor_raw(id, "field_declaration", 4) != NONE;
    (size != NONE && !field && ev.val(size).is_const()).then_some(Val {
        shape: Shape::FIXED,
        def: id,
        ..Val::UNKNOWN
    })
}

/// A cast to a number cannot carry text; one to `MarkupString` is how pages say "this is HTML".
fn cast(ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
    let ast = ev.ast;
    let ty = ast.child(id, Field::Type);
    let value = ast.child(id, Field::Value);
    let inner = ev.val(value);
    if ast.text(ty) == "MarkupString" {
        let callee = ev.val(ty);
        let parts = CallParts {
            callee: ty,
            args: vec![ArgNode {
                name: "",
                node: ast.peel(value),
                splat: false,
            }],
        };
        let args = ev.args(&parts);
        return Some(ev.apply(id, &callee, &parts, &args));
    }
    let path = ev.syms.get(ast.text(ty));
    (ev.info(path).plain_type && !inner.is_const()).then_some(Val {
        shape: Shape::NUMBER,
        safe: Safe::ALL,
        taint: inner.taint,
        origin: inner.origin,
        ..Val::UNKNOWN
    })
}

/// One of the values of the arms; constant when all are.
fn switch(ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
    let ast = ev.ast;
    let mut out: Option<Val> = None;
    for arm in ast
        .children(id)
        .filter(|c| ast.raw(*c) == "switch_expression_arm")
    {
        let last = ast.children(arm).last().unwrap_or(NONE);
        if matches!(ast.kind(last), Kind::Raise) {
            continue;
        }
        let v = ev.val(last);
        out = Some(match out {
            None => v,
            Some(o) if o.is_const() && v.is_const() => Val {
                shape: Shape::FIXED,
                ..Val::UNKNOWN
            },
            Some(o) => Val::join(&mut ev.syms, &o, &v),
        });
    }
    out
}

/// A property that the framework fills from the request.
fn bind_property(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let bound = ast
        .children(id)
        .filter(|c| ast.raw(*c) == "attribute_list")
        .any(|list| {
            [
                "BindProperty",
                "SupplyParameterFromQuery",
                "SupplyParameterFromForm",
                "FromQuery",
                "FromForm",
                "FromRoute",
                "QueryProperty",
            ]
            .iter()
            .any(|a| ast.text(list).contains(a))
        });
    let path = ev
        .syms
        .get(ast.text(ast.child(id, Field::Type)).trim_end_matches('?'));
    if bound && !ev.info(path).plain_type {
        let name = ast.child(id, Field::Name);
        let sym = ev.syms.get(ast.text(name));
        ev.scopes.bind(
            sym,
            Val {
                path: sym,
                taint: Taint::USER,
                origin: name,
                ..Val::UNKNOWN
            },
        );
    }
}

/// `x is { } y` names the value of `x`.
fn bind_pattern(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let children: Vec<Id> = ast.children(id).collect();
    let [value, .., pattern] = children.as_slice() else {
        return;
    };
    let name = ast.child(*pattern, Field::Name);
    if name != NONE {
        let value = ev.val(*value);
        let sym = ev.syms.get(ast.text(name));
        ev.scopes.bind(sym, value);
    }
}

/// `foreach (ZipArchiveEntry e in ...)`: the declared type is what rules know the elements by.
fn bind_element(ev: &mut Eval<'_, '_>, statement: Id) {
    let ast = ev.ast;
    let ty = ast.child(statement, Field::Type);
    if ty == NONE || ast.raw(ty) == "implicit_type" {
        return;
    }
    let name = ev.syms.get(ast.text(ast.child(statement, Field::Left)));
    let Some(mut value) = ev.scopes.get(name) else {
        return;
    };
    let path = ev.type_path(ty);
    if ev.info(path).plain_type {
        value.safe = Safe::ALL;
        value.shape = value.shape.or(Shape::NUMBER);
    } else {
        value.path = ev.syms.call(path);
    }
    ev.scopes.bind(name, value);
}

/// What a call writes into its arguments: `out` variables, and arrays that it fills.
fn bind_outputs(ev: &mut Eval<'_, '_>, id: Id, path: &str, args: &[crate::engine::Arg<'_>]) {
    let ast = ev.ast;
    for a in args {
        if ast.raw(a.node) == "declaration_expression" {
            let name = ev.syms.get(ast.text(ast.child(a.node, Field::Name)));
            let value = match last_part(path) {
                "TryGetValue" => {
                    let parts = ast.lang.hooks.call_parts(ast, id);
                    let object = ast.lang.hooks.receiver(ast, parts.callee);
                    ev.element_of(&ev.val(object))
                }
                "TryParse" | "TryParseExact" => Val {
                    safe: Safe::ALL,
                    shape: Shape::NUMBER,
                    ..Val::UNKNOWN
                },
                _ => {
                    let mut v = Val::UNKNOWN;
                    for other in args {
                        v.absorb(&other.val);
                    }
                    v
                }
            };
            ev.scopes.bind(name, value);
            continue;
        }
        let mut at = a.node;
        for _ in 0..4 {
            at = match ast.kind(at) {
                Kind::Call => ast.child(at, Field::Function),
                Kind::Attr => ast.child(at, Field::Object),
                _ => break,
            };
        }
        if ast.kind(at) == Kind::Name && ast.raw(ev.val(at).def) == "array_creation_expression" {
            let name = ev.syms.get(ast.text(at));
            ev.scopes.assign(
                name,
                Val {
                    taint: Taint::OPAQUE,
                    ..Val::UNKNOWN
                },
            );
        }
    }
}

/// Results that rules know by a name of their own.
fn known_results(
    ev: &mut Eval<'_, '_>,
    path: &str,
    args: &[crate::engine::Arg<'_>],
    out: &mut Val,
) {
    let ast = ev.ast;
    match last_part(path) {
        "StringBuilder" if args.iter().all(|a| a.val.is_const()) => {
            out.shape = out.shape.or(Shape::FIXED);
            out.taint = Taint::NONE;
            if let Some(s) = args.first().and_then(|a| a.val.str()) {
                out.prefix = s;
            }
        }
        "Combine" | "Join" => {
            let temporary = args
                .first()
                .is_some_and(|a| ev.syms.str(a.val.path).ends_with("Path.GetTempPath()"));
            if temporary && args.iter().skip(1).all(|a| a.val.str().is_some()) {
                out.path = ev.syms.get("FixedTempFile()");
            }
        }
        "SecurityIdentifier" | "NTAccount" => {
            let everybody = args.first().is_some_and(|a| {
                let text = ast.text(a.node);
                text.contains("WorldSid")
                    || matches!(text.trim_matches('"'), "Everyone" | "S-1-1-0")
            });
            if everybody {
                out.path = ev.syms.get("WorldSid()");
            }
        }
        _ => {}
    }
}

/// `List<int>` and the like hold nothing that could be text.
fn numbers(ty: &str) -> bool {
    let ty = ty.trim_end_matches('?');
    let element = ty
        .strip_suffix("[]")
        .or_else(|| {
            let (list, rest) = ty.split_once('<')?;
            let known = matches!(
                list,
                "List"
                    | "IList"
                    | "IReadOnlyList"
                    | "IEnumerable"
                    | "ICollection"
                    | "IReadOnlyCollection"
                    | "HashSet"
                    | "ISet"
            );
            rest.strip_suffix('>').filter(|_| known)
        })
        .unwrap_or_default();
    matches!(
        element,
        "int" | "long" | "short" | "uint" | "ulong" | "Guid" | "decimal" | "double" | "DateTime"
    )
}

/// The function of `app.MapGet("/x", (string name) => ...)`: its parameters come from the request.
fn is_endpoint(ast: &Ast<'_>, function: Id) -> bool {
    let mut at = ast.parent(function);
    while matches!(ast.kind(at), Kind::Wrap | Kind::Args) {
        at = ast.parent(at);
    }
    let callee = ast.child(at, Field::Function);
    ast.kind(at) == Kind::Call
        && matches!(
            ast.text(ast.child(callee, Field::Attribute)),
            "MapGet" | "MapPost" | "MapPut" | "MapDelete" | "MapPatch" | "MapMethods"
        )
}
