//! JavaScript and TypeScript.

use super::{ArgNode, CallParts, Hooks, ParamNode, Spec, standard_call, standard_params};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::{Arg, Eval};
use crate::path::{Sym, last_part};
use crate::value::{Const, Safe, Shape, Taint, Val};

pub(super) fn javascript() -> Spec {
    spec("javascript", tree_sitter_javascript::LANGUAGE.into())
}

pub(super) fn typescript() -> Spec {
    spec(
        "typescript",
        tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
    )
}

pub(super) fn tsx() -> Spec {
    spec("tsx", tree_sitter_typescript::LANGUAGE_TSX.into())
}

fn spec(name: &'static str, grammar: tree_sitter::Language) -> Spec {
    Spec {
        name,
        grammar,
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: false,
        outer_assignment: true,
        ascii_scanner: false,
        loose: false,
        hooks: &JavaScript,
    }
}

const KINDS: &[(&str, Kind)] = &[
    ("program", Kind::Module),
    ("identifier", Kind::Name),
    ("this", Kind::Name),
    ("super", Kind::Name),
    ("import", Kind::Name),
    ("meta_property", Kind::Name),
    ("shorthand_property_identifier", Kind::Name),
    ("shorthand_property_identifier_pattern", Kind::Name),
    ("string", Kind::Str),
    ("template_string", Kind::Str),
    ("string_fragment", Kind::StrPart),
    ("escape_sequence", Kind::StrPart),
    ("template_substitution", Kind::Interp),
    ("number", Kind::Int),
    ("true", Kind::True),
    ("false", Kind::False),
    ("null", Kind::Null),
    ("undefined", Kind::Null),
    ("regex", Kind::Regex),
    ("member_expression", Kind::Attr),
    ("subscript_expression", Kind::Index),
    ("call_expression", Kind::Call),
    ("new_expression", Kind::New),
    ("arguments", Kind::Args),
    ("spread_element", Kind::Splat),
    ("rest_pattern", Kind::Splat),
    ("binary_expression", Kind::Binary),
    ("unary_expression", Kind::Unary),
    ("assignment_expression", Kind::Assign),
    ("variable_declarator", Kind::Assign),
    ("public_field_definition", Kind::Assign),
    ("field_definition", Kind::Assign),
    ("augmented_assignment_expression", Kind::AugAssign),
    ("function_declaration", Kind::Func),
    ("generator_function_declaration", Kind::Func),
    ("method_definition", Kind::Func),
    ("function_expression", Kind::Lambda),
    ("generator_function", Kind::Lambda),
    ("arrow_function", Kind::Lambda),
    ("class_declaration", Kind::Class),
    ("class", Kind::Class),
    ("formal_parameters", Kind::Params),
    ("required_parameter", Kind::Param),
    ("optional_parameter", Kind::Param),
    ("assignment_pattern", Kind::Param),
    ("object_assignment_pattern", Kind::Param),
    ("object_pattern", Kind::Pattern),
    ("array_pattern", Kind::Pattern),
    ("pair_pattern", Kind::Pair),
    ("import_statement", Kind::Import),
    ("if_statement", Kind::If),
    ("else_clause", Kind::Wrap),
    ("switch_statement", Kind::If),
    ("switch_case", Kind::Branch),
    ("switch_default", Kind::Branch),
    ("for_in_statement", Kind::Loop),
    ("for_statement", Kind::Loop),
    ("while_statement", Kind::Loop),
    ("do_statement", Kind::Loop),
    ("try_statement", Kind::Try),
    ("catch_clause", Kind::Catch),
    ("return_statement", Kind::Return),
    ("throw_statement", Kind::Raise),
    ("continue_statement", Kind::Jump),
    ("break_statement", Kind::Jump),
    ("statement_block", Kind::Block),
    ("expression_statement", Kind::Stmt),
    ("parenthesized_expression", Kind::Wrap),
    ("non_null_expression", Kind::Wrap),
    ("array", Kind::List),
    ("object", Kind::Dict),
    ("pair", Kind::Pair),
    ("ternary_expression", Kind::Cond),
    ("await_expression", Kind::Await),
    ("decorator", Kind::Decorator),
    ("type_annotation", Kind::Type),
    ("comment", Kind::Comment),
    ("html_comment", Kind::Comment),
];

const FIELDS: &[(&str, Field)] = &[
    ("function", Field::Function),
    ("constructor", Field::Function),
    ("arguments", Field::Arguments),
    ("left", Field::Left),
    ("right", Field::Right),
    ("object", Field::Object),
    ("property", Field::Attribute),
    ("name", Field::Name),
    ("pattern", Field::Name),
    ("value", Field::Value),
    ("body", Field::Body),
    ("condition", Field::Condition),
    ("consequence", Field::Then),
    ("alternative", Field::Else),
    ("operator", Field::Operator),
    ("key", Field::Key),
    ("index", Field::Index),
    ("type", Field::Type),
    ("parameters", Field::Params),
    ("parameter", Field::Params),
    ("alias", Field::Alias),
    ("source", Field::Module),
    ("return_type", Field::Return),
];

struct JavaScript;

impl Hooks for JavaScript {
    fn string(&self, ast: &Ast<'_>, id: Id) -> String {
        let mut out = String::new();
        let text = ast.text(id);
        let inner = text
            .get(1..text.len().saturating_sub(1))
            .unwrap_or_default();
        super::unescape(inner, &mut out);
        out
    }

    fn declared_type(&self, ast: &Ast<'_>, assignment: Id) -> Id {
        let ty = ast.child(assignment, Field::Type);
        let text = ast.text(ty).trim_start_matches(':').trim();
        // These say nothing; the name itself says more.
        if matches!(text, "any" | "unknown" | "object" | "never") {
            return NONE;
        }
        ty
    }

    fn call_parts<'s>(&self, ast: &Ast<'s>, id: Id) -> CallParts<'s> {
        let arguments = ast.child(id, Field::Arguments);
        if ast.kind(arguments) == Kind::Str {
            // A tagged template: the tag gets the text and the values apart, which is no text put together.
            return CallParts {
                callee: ast.child(id, Field::Function),
                args: vec![ArgNode {
                    name: "tag",
                    node: arguments,
                    splat: false,
                }],
            };
        }
        standard_call(ast, id)
    }

    fn params<'s>(&self, ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
        standard_params(ast, function)
    }

    /// Parameters that a framework fills from the request (`@Query('name') name: string`).
    fn is_handler(&self, ev: &mut Eval<'_, '_>, function: Id) -> bool {
        if hears_socket(ev, function) {
            return true;
        }
        let params = ev.ast.text(ev.ast.child(function, Field::Params));
        ["@Query(", "@Param(", "@Body(", "@Headers(", "@QueryParam("]
            .iter()
            .any(|decorator| params.contains(decorator))
    }

    fn leave(&self, ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
        let ast = ev.ast;
        match ast.kind(id) {
            Kind::Import => {
                import(ev, id);
                Some(Val::UNKNOWN)
            }
            Kind::Regex => Some(Val {
                shape: Shape::FIXED,
                def: id,
                ..Val::UNKNOWN
            }),
            // How long a text is says nothing of what stands in it.
            Kind::Attr
                if matches!(
                    ast.text(ast.child(id, Field::Attribute)),
                    "length" | "byteLength"
                ) && !sent_object(ast.text(ast.child(id, Field::Object))) =>
            {
                Some(Val {
                    shape: Shape::NUMBER,
                    taint: Taint::OPAQUE,
                    safe: Safe::ALL.or(Safe::SIZE),
                    ..Val::UNKNOWN
                })
            }
            // `require('axios').default` is the module.
            Kind::Attr if ast.text(ast.child(id, Field::Attribute)) == "default" => {
                let base = ev.val(ast.child(id, Field::Object));
                let module = ev.imports.iter().any(|(path, _)| *path == base.path);
                module.then_some(base)
            }
            Kind::Catch => None,
            Kind::Type => {
                let text = ast.text(id).trim_start_matches(':').trim();
                let end = text.find(['<', '[', '|', ' ', '{']).unwrap_or(text.len());
                let path = ev.resolve_name(text.get(..end).unwrap_or_default());
                Some(Val {
                    path,
                    ..Val::UNKNOWN
                })
            }
            Kind::Other if matches!(ast.raw(id), "as_expression" | "satisfies_expression") => {
                Some(ev.val(ast.first(id)))
            }
            Kind::Other if ast.raw(id) == "sequence_expression" => {
                ast.children(id).last().map(|c| ev.val(c))
            }
            Kind::Unary
                if matches!(
                    ast.text(ast.child(id, Field::Operator)),
                    "typeof" | "!" | "void" | "delete"
                ) =>
            {
                let inner = ast
                    .children(id)
                    .last()
                    .map(|c| ev.val(c))
                    .unwrap_or(Val::UNKNOWN);
                if let Const::Bool(b) = inner.konst {
                    return Some(Val::constant(Const::Bool(!b)));
                }
                if let Const::Int(n) = inner.konst {
                    return Some(Val::constant(Const::Bool(n == 0)));
                }
                Some(Val {
                    shape: Shape::NUMBER,
                    safe: Safe::ALL,
                    ..Val::UNKNOWN
                })
            }
            Kind::Unary if ast.text(ast.child(id, Field::Operator)) == "+" => {
                let inner = ast
                    .children(id)
                    .last()
                    .map(|c| ev.val(c))
                    .unwrap_or(Val::UNKNOWN);
                Some(Val {
                    shape: Shape::NUMBER,
                    safe: Safe::ALL,
                    ..inner
                })
            }
            _ => None,
        }
    }

    fn after_call(
        &self,
        ev: &mut Eval<'_, '_>,
        id: Id,
        path: Sym,
        args: &[Arg<'_>],
        out: &mut Val,
    ) {
        if matches!(ev.syms.str(path), "require" | "import" | "Promise.resolve")
            && let Some(module) = args.first().and_then(|a| a.val.str())
        {
            let name = ev.syms.str(module).to_owned();
            let name = module_name(&name);
            ev.imported(name, id);
            let path = ev.syms.get(&module_path(name));
            *out = Val {
                path,
                ..Val::UNKNOWN
            };
        }
        // The function with a promise is the same function.
        if matches!(ev.syms.str(path), "util.promisify" | "promisify")
            && let Some(function) = args.first()
        {
            out.path = function.val.path;
        }
        let text = ev.syms.str(path).to_owned();
        plain_answer(ev, &text, args);
        given_to_functions(ev, id, last_part(&text), args, out);
        match last_part(&text) {
            // `.text(x)` of a wrapped element writes text, and gives the element.
            "text" if args.len() == 1 => out.safe = out.safe.or(html()),
            "replace" | "replaceAll" => out.safe = out.safe.or(taken_out(ev, args)),
            "join" | "resolve" if text.starts_with("path.") => {
                let temporary = args
                    .first()
                    .is_some_and(|a| ev.syms.str(a.val.prefix) == TEMPORARY);
                if temporary && args.iter().all(|a| a.val.is_const()) {
                    out.prefix = ev.syms.get(TEMPORARY);
                }
            }
            "tmpdir" if text == "os.tmpdir" => out.prefix = ev.syms.get(TEMPORARY),
            _ => {}
        }
    }

    fn check(&self, ev: &mut Eval<'_, '_>, id: Id) {
        checks::javascript::check(ev, id);
    }
}

/// `socket.on('message', (data) => ...)`: the other side chooses what is passed.
fn hears_socket(ev: &Eval<'_, '_>, function: Id) -> bool {
    let call = ev.ast.parent(ev.ast.parent(function));
    if ev.ast.kind(call) != Kind::Call {
        return false;
    }
    let parts = standard_call(ev.ast, call);
    let event = parts.args.first().map_or("", |a| ev.ast.text(a.node));
    let own = [
        "connect",
        "connection",
        "disconnect",
        "disconnecting",
        "error",
        "close",
        "end",
        "open",
        "drain",
        "timeout",
        "finish",
        "lookup",
        "ready",
    ];
    matches!(ev.ast.text(parts.callee), "socket.on" | "ws.on")
        && !own.contains(&event.trim_matches(['\'', '"']))
}

/// An object that a request brings: its `length` is a field like any other.
fn sent_object(text: &str) -> bool {
    ["body", "query", "params", "payload"]
        .iter()
        .any(|name| text.ends_with(name))
}

/// Where the system's folder for temporary files usually is.
const TEMPORARY: &str = "/tmp/";

fn html() -> Safe {
    Safe::named("html").unwrap_or_default()
}

/// Types of answers that no browser shows as a page.
const PLAIN: &[&str] = &["text/plain", "application/json", "text/csv", "txt", "json"];

/// After `res.type('text/plain')`, what is sent is no page: `res` stands for another kind of answer from here on.
fn plain_answer(ev: &mut Eval<'_, '_>, path: &str, args: &[Arg<'_>]) {
    let Some((answer @ ("res" | "response"), method)) = path.split_once('.') else {
        return;
    };
    let value = match (method, args) {
        ("type" | "contentType", [value]) => value.val,
        ("set" | "setHeader" | "header", [name, value])
            if name
                .val
                .str()
                .is_some_and(|n| ev.syms.str(n).eq_ignore_ascii_case("content-type")) =>
        {
            value.val
        }
        ("writeHead", [_, headers]) => ev.val(ev.dict_entry(headers.val.def, "Content-Type")),
        _ => return,
    };
    let plain = value.str().is_some_and(|kind| {
        let kind = ev.syms.str(kind);
        PLAIN.contains(&kind.split(';').next().unwrap_or(kind).trim())
    });
    if plain {
        let name = ev.syms.get(answer);
        let mut answer = ev.scopes.get(name).unwrap_or(Val::UNKNOWN);
        answer.path = ev.syms.get("plain#answer");
        ev.scopes.bind(name, answer);
    }
}

/// Lists and hooks whose result is what a function that was passed in makes of the elements.
fn given_to_functions(ev: &mut Eval<'_, '_>, id: Id, name: &str, args: &[Arg<'_>], out: &mut Val) {
    let function = match name {
        "map" | "flatMap" | "useMemo" | "filter" | "find" | "findLast" => args.first(),
        "from" => args.get(1),
        "fill" => {
            if args.first().is_some_and(|a| a.val.is_const()) {
                *out = Val {
                    path: out.path,
                    def: id,
                    shape: Shape::FIXED,
                    ..Val::UNKNOWN
                };
            }
            return;
        }
        _ => return,
    };
    let Some(function) = function else { return };
    if matches!(name, "filter" | "find" | "findLast") {
        out.safe = out.safe.or(ev.kept_by(function.node));
        return;
    }
    if let Some(result) = ev.result_of(function.node, out) {
        out.taint = result.taint;
        out.safe = result.safe;
        out.guarded = result.guarded;
        out.origin = result.origin;
        out.konst = Const::Unknown;
        out.shape = if result.is_const() {
            Shape::FIXED
        } else {
            Shape(result.shape.0 & Shape::BUILT.0)
        };
    } else if let Some(safe) = ev.info(function.val.path).sanitizer {
        out.safe = out.safe.or(safe);
    }
}

/// What a text is safe for once a constant pattern was taken out of it or replaced.
fn taken_out(ev: &Eval<'_, '_>, args: &[Arg<'_>]) -> Safe {
    let [pattern, replacement] = args else {
        return Safe::NONE;
    };
    if !replacement.val.is_const() {
        return Safe::NONE;
    }
    if let Some(text) = pattern.val.str() {
        return crate::engine::without(ev.syms.str(text), false);
    }
    if ev.ast.kind(pattern.val.def) != Kind::Regex {
        return Safe::NONE;
    }
    let text = ev.ast.text(pattern.val.def);
    match text.trim_start_matches('/').rsplit_once('/') {
        Some((inner, flags)) if flags.contains('g') => crate::engine::without(inner, true),
        _ => Safe::NONE,
    }
}

/// The name of what a module's name stands for: one library may have several.
fn module_path(name: &str) -> String {
    if name == "jquery" {
        return "$".to_owned();
    }
    for prefix in ["lodash/fp/", "lodash-es/", "lodash/", "lodash."] {
        if let Some(function) = name.strip_prefix(prefix) {
            return format!("lodash.{function}");
        }
    }
    if name == "lodash-es" {
        return "lodash".to_owned();
    }
    name.to_owned()
}

fn module_name(name: &str) -> &str {
    name.strip_prefix("node:").unwrap_or(name)
}

fn import(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let source = ast.child(id, Field::Module);
    let Some(module) = ev.val(source).str() else {
        return;
    };
    let module = ev.syms.str(module).to_owned();
    let module = module_name(&module).to_owned();
    ev.imported(&module, id);
    let module = module_path(&module);
    for d in ast.descendants(id) {
        match ast.raw(d) {
            "import_specifier" => {
                let name = ast.text(ast.child(d, Field::Name));
                let alias = ast.child(d, Field::Alias);
                let bound = if alias == NONE { name } else { ast.text(alias) };
                let path = if name == "default" {
                    module.clone()
                } else {
                    format!("{module}.{name}")
                };
                ev.bind_path(bound, &path);
            }
            "identifier"
                if matches!(ast.raw(ast.parent(d)), "import_clause" | "namespace_import") =>
            {
                ev.bind_path(ast.text(d), &module);
            }
            _ => {}
        }
    }
}
