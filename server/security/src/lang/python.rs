//! Python.

use super::{Hooks, Spec};
use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::checks;
use crate::engine::{Arg, Eval, without};
use crate::path::{Sym, last_part};
use crate::value::{Safe, Taint, Val};

pub(super) fn spec() -> Spec {
    Spec {
        name: "python",
        grammar: tree_sitter_python::LANGUAGE.into(),
        kinds: KINDS,
        fields: FIELDS,
        clauses_first: true,
        outer_assignment: false,
        ascii_scanner: false,
        loose: false,
        hooks: &Python,
    }
}

const KINDS: &[(&str, Kind)] = &[
    ("module", Kind::Module),
    ("identifier", Kind::Name),
    ("keyword_identifier", Kind::Name),
    ("string", Kind::Str),
    ("string_content", Kind::StrPart),
    ("interpolation", Kind::Interp),
    ("concatenated_string", Kind::Binary),
    ("integer", Kind::Int),
    ("float", Kind::Float),
    ("true", Kind::True),
    ("false", Kind::False),
    ("none", Kind::Null),
    ("attribute", Kind::Attr),
    ("subscript", Kind::Index),
    ("call", Kind::Call),
    ("argument_list", Kind::Args),
    ("keyword_argument", Kind::Keyword),
    ("list_splat", Kind::Splat),
    ("dictionary_splat", Kind::Splat),
    ("list_splat_pattern", Kind::Splat),
    ("dictionary_splat_pattern", Kind::Splat),
    ("binary_operator", Kind::Binary),
    ("boolean_operator", Kind::Logic),
    ("comparison_operator", Kind::Compare),
    ("not_operator", Kind::Not),
    ("unary_operator", Kind::Unary),
    ("assignment", Kind::Assign),
    ("named_expression", Kind::Assign),
    ("augmented_assignment", Kind::AugAssign),
    ("function_definition", Kind::Func),
    ("lambda", Kind::Lambda),
    ("class_definition", Kind::Class),
    ("parameters", Kind::Params),
    ("lambda_parameters", Kind::Params),
    ("typed_parameter", Kind::Param),
    ("default_parameter", Kind::Param),
    ("typed_default_parameter", Kind::Param),
    ("import_statement", Kind::Import),
    ("import_from_statement", Kind::Import),
    ("if_statement", Kind::If),
    ("elif_clause", Kind::Branch),
    ("else_clause", Kind::Branch),
    ("case_clause", Kind::Branch),
    ("match_statement", Kind::If),
    ("for_statement", Kind::Loop),
    ("while_statement", Kind::Loop),
    ("list_comprehension", Kind::Comprehension),
    ("set_comprehension", Kind::Comprehension),
    ("dictionary_comprehension", Kind::Comprehension),
    ("generator_expression", Kind::Comprehension),
    ("for_in_clause", Kind::Clause),
    ("try_statement", Kind::Try),
    ("except_clause", Kind::Catch),
    ("except_group_clause", Kind::Catch),
    ("with_item", Kind::WithItem),
    ("return_statement", Kind::Return),
    ("yield", Kind::Return),
    ("raise_statement", Kind::Raise),
    ("continue_statement", Kind::Jump),
    ("break_statement", Kind::Jump),
    ("pass_statement", Kind::Pass),
    ("block", Kind::Block),
    ("expression_statement", Kind::Stmt),
    ("parenthesized_expression", Kind::Wrap),
    ("list", Kind::List),
    ("tuple", Kind::List),
    ("set", Kind::List),
    ("expression_list", Kind::List),
    ("pattern_list", Kind::Pattern),
    ("tuple_pattern", Kind::Pattern),
    ("list_pattern", Kind::Pattern),
    ("dictionary", Kind::Dict),
    ("pair", Kind::Pair),
    ("conditional_expression", Kind::Cond),
    ("await", Kind::Await),
    ("decorator", Kind::Decorator),
    ("assert_statement", Kind::Assert),
    ("type", Kind::Type),
    ("comment", Kind::Comment),
];

const FIELDS: &[(&str, Field)] = &[
    ("function", Field::Function),
    ("arguments", Field::Arguments),
    ("left", Field::Left),
    ("right", Field::Right),
    ("object", Field::Object),
    ("attribute", Field::Attribute),
    ("name", Field::Name),
    ("value", Field::Value),
    ("body", Field::Body),
    ("condition", Field::Condition),
    ("consequence", Field::Then),
    ("alternative", Field::Else),
    ("operator", Field::Operator),
    ("operators", Field::Operator),
    ("key", Field::Key),
    ("subscript", Field::Index),
    ("type", Field::Type),
    ("parameters", Field::Params),
    ("alias", Field::Alias),
    ("module_name", Field::Module),
    ("return_type", Field::Return),
];

struct Python;

/// Where names usually come from, for code whose imports were cut off.
const USUAL: &[(&str, &str)] = &[
    ("AES", "Crypto.Cipher.AES"),
    ("ARC4", "Crypto.Cipher.ARC4"),
    ("Blowfish", "Crypto.Cipher.Blowfish"),
    ("DES", "Crypto.Cipher.DES"),
    ("DES3", "Crypto.Cipher.DES3"),
    ("DSA", "Crypto.PublicKey.DSA"),
    ("ET", "xml.etree.ElementTree"),
    ("FTP", "ftplib.FTP"),
    ("Fernet", "cryptography.fernet.Fernet"),
    ("HTTPServer", "http.server.HTTPServer"),
    ("HttpResponse", "django.http.HttpResponse"),
    ("HttpResponseRedirect", "django.http.HttpResponseRedirect"),
    ("Markup", "markupsafe.Markup"),
    ("Popen", "subprocess.Popen"),
    ("RSA", "Crypto.PublicKey.RSA"),
    ("RawSQL", "django.db.models.expressions.RawSQL"),
    ("Telnet", "telnetlib.Telnet"),
    (
        "algorithms",
        "cryptography.hazmat.primitives.ciphers.algorithms",
    ),
    ("check_output", "subprocess.check_output"),
    ("etree", "lxml.etree"),
    ("hashes", "cryptography.hazmat.primitives.hashes"),
    ("make_response", "flask.make_response"),
    ("mark_safe", "django.utils.safestring.mark_safe"),
    ("minidom", "xml.dom.minidom"),
    ("modes", "cryptography.hazmat.primitives.ciphers.modes"),
    ("np", "numpy"),
    ("pd", "pandas"),
    ("redirect", "flask.redirect"),
    ("render_template_string", "flask.render_template_string"),
    ("request", "flask.request"),
    ("send_file", "flask.send_file"),
    ("urlopen", "urllib.request.urlopen"),
];

impl Hooks for Python {
    fn start(&self, ev: &mut Eval<'_, '_>) {
        let imports = ev
            .ast
            .src
            .lines()
            .map(str::trim_start)
            .any(|l| l.starts_with("import ") || l.starts_with("from "));
        if imports {
            return;
        }
        for (name, path) in USUAL {
            // What the code around has bound keeps its meaning.
            let bound = ev
                .syms
                .find(name)
                .is_some_and(|s| ev.scopes.get(s).is_some());
            if !bound {
                ev.bind_path(name, path);
            }
        }
    }

    fn string(&self, ast: &Ast<'_>, id: Id) -> String {
        let raw = ast.text(id);
        let prefix: String = raw.chars().take_while(char::is_ascii_alphabetic).collect();
        let mut out = String::new();
        for c in ast.children(id) {
            if ast.kind(c) == Kind::StrPart {
                if prefix.contains(['r', 'R']) {
                    out.push_str(ast.text(c));
                } else {
                    super::unescape(ast.text(c), &mut out);
                }
            }
        }
        out
    }

    fn leave(&self, ev: &mut Eval<'_, '_>, id: Id) -> Option<Val> {
        match ev.ast.kind(id) {
            Kind::Import => {
                import(ev, id);
                Some(Val::UNKNOWN)
            }
            Kind::WithItem => {
                let pattern = ev.ast.child(id, Field::Value);
                if ev.ast.raw(pattern) == "as_pattern" {
                    let value = ev.val(ev.ast.first(pattern));
                    let target = ev.ast.child(pattern, Field::Alias);
                    ev.bind(ev.ast.first(target), value);
                }
                None
            }
            _ => None,
        }
    }

    fn enter(&self, ev: &mut Eval<'_, '_>, id: Id) {
        // `self.path` is what the visitor asked for in a server of the standard library.
        if ev.ast.kind(id) == Kind::Class && bases(ev.ast, id).contains("HTTPRequestHandler") {
            let path = ev.syms.get("self.path");
            let mut val = Val {
                path,
                ..Val::UNKNOWN
            };
            ev.add_source(&mut val, Taint::USER, id);
            ev.scopes.bind_global(path, val);
        }
    }

    fn after_call(
        &self,
        ev: &mut Eval<'_, '_>,
        _id: Id,
        path: Sym,
        args: &[Arg<'_>],
        out: &mut Val,
    ) {
        // `request.args.get("n", type=int)`
        let number = |a: &Arg<'_>| {
            a.name == "type" && matches!(ev.syms.str(a.val.path), "int" | "float" | "bool")
        };
        if args.iter().any(number) && last_part(ev.syms.str(path)) == "get" {
            out.safe = out.safe.or(Safe::ALL);
            return;
        }
        let (pattern, replacement, expression) = match (ev.syms.str(path), args) {
            ("re.sub", [p, r, ..]) => (p, r, true),
            (path, [p, r]) if last_part(path) == "replace" => (p, r, false),
            _ => return,
        };
        if let Some(text) = pattern.val.str()
            && replacement.val.is_const()
        {
            out.safe = out.safe.or(without(ev.syms.str(text), expression));
        }
    }

    fn check(&self, ev: &mut Eval<'_, '_>, id: Id) {
        checks::python::check(ev, id);
    }
}

/// What a class is derived from, as it is written.
fn bases<'s>(ast: &Ast<'s>, class: Id) -> &'s str {
    let list = ast.child_of_kind(class, Kind::Args);
    ast.text(list)
}

fn import(ev: &mut Eval<'_, '_>, id: Id) {
    let ast = ev.ast;
    let module_node = ast.child(id, Field::Module);
    let from = module_node != NONE;
    let module = ast.text(module_node);
    if from && ast.children(id).any(|c| ast.raw(c) == "wildcard_import") {
        ev.imported(module, id);
        ev.star_import(module);
    }
    for c in ast.children(id) {
        if ast.node(c).field != Field::Name {
            continue;
        }
        let (name, alias) = if ast.raw(c) == "aliased_import" {
            (
                ast.text(ast.child(c, Field::Name)),
                Some(ast.text(ast.child(c, Field::Alias))),
            )
        } else {
            (ast.text(c), None)
        };
        let full = if from {
            format!("{module}.{name}")
        } else {
            name.to_owned()
        };
        ev.imported(&full, id);
        let bound = alias.unwrap_or_else(|| {
            if from {
                name
            } else {
                name.split('.').next().unwrap_or(name)
            }
        });
        let target = if alias.is_some() || from {
            full.as_str()
        } else {
            bound
        };
        ev.bind_path(bound, target);
    }
}
