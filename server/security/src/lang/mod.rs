//! The languages: how each grammar's nodes map to the shared vocabulary, and what differs.

pub(crate) mod complete;
mod csharp;
mod fsharp;
mod javascript;
pub(crate) mod outdent;
mod plain;
mod python;
mod rust;

pub(crate) use rust::macros;

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::ast::{Ast, Field, Id, Kind, NONE};
use crate::engine::{Arg, Eval};
use crate::path::Sym;
use crate::ruleset::RuleSet;
use crate::value::Val;

/// One argument of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArgNode<'s> {
    /// Empty for a positional argument.
    pub name: &'s str,
    pub node: Id,
    pub splat: bool,
}

/// A call, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct CallParts<'s> {
    pub callee: Id,
    pub args: Vec<ArgNode<'s>>,
}

/// What differs between languages beyond names.
pub(crate) trait Hooks: Send + Sync {
    /// What the parser reads in the place of the code, byte for byte as long; `None`: the code itself.
    fn read_as(&self, _code: &str) -> Option<Vec<u8>> {
        None
    }

    /// Corrects kinds and roles that depend on what stands below a node.
    fn adjust(&self, _ast: &mut Ast<'_>) {}

    /// What a method is called on.
    fn receiver(&self, ast: &Ast<'_>, callee: Id) -> Id {
        ast.child(callee, Field::Object)
    }

    /// The name of a function.
    fn function_name(&self, ast: &Ast<'_>, function: Id) -> Id {
        ast.child(function, Field::Name)
    }

    /// The type that a declaration gives to its variable.
    fn declared_type(&self, ast: &Ast<'_>, assignment: Id) -> Id {
        ast.child(assignment, Field::Type)
    }

    /// Called before the children of a node are evaluated.
    fn enter(&self, _ev: &mut Eval<'_, '_>, _id: Id) {}

    /// Gives the value of a node that the shared evaluator does not know, or changes bindings.
    fn leave(&self, _ev: &mut Eval<'_, '_>, _id: Id) -> Option<Val> {
        None
    }

    fn call_parts<'s>(&self, ast: &Ast<'s>, id: Id) -> CallParts<'s> {
        standard_call(ast, id)
    }

    /// The text that a string literal stands for.
    fn string(&self, ast: &Ast<'_>, id: Id) -> String;

    /// Names of the parameters of a function, with the node of each and of its type.
    fn params<'s>(&self, ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
        standard_params(ast, function)
    }

    /// Whether a request calls this function with its own data.
    fn is_handler(&self, ev: &mut Eval<'_, '_>, function: Id) -> bool {
        standard_handler(ev, function)
    }

    /// What the declaration of a parameter says of its values.
    fn param_role(
        &self,
        _ev: &mut Eval<'_, '_>,
        _param: &ParamNode<'_>,
        _handler: bool,
    ) -> ParamRole {
        ParamRole::Other
    }

    /// Changes what a call gives: modules that are loaded by a function.
    fn after_call(
        &self,
        _ev: &mut Eval<'_, '_>,
        _id: Id,
        _path: Sym,
        _args: &[Arg<'_>],
        _out: &mut Val,
    ) {
    }

    /// Called once before a scan.
    fn start(&self, _ev: &mut Eval<'_, '_>) {}

    /// Checks that rules as data cannot say; called on leaving every node.
    fn check(&self, _ev: &mut Eval<'_, '_>, _id: Id) {}

    /// Called when the whole code has been seen.
    fn finish(&self, _ev: &mut Eval<'_, '_>) {}
}

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ParamNode<'s> {
    pub name: &'s str,
    pub node: Id,
    pub ty: Id,
    pub default: Id,
}

/// What the declaration of a parameter says of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ParamRole {
    /// Numbers and the like, which carry no text.
    Plain,
    /// Filled from a request.
    Input,
    /// Nothing.
    Other,
}

/// A language, ready to use.
pub(crate) struct Lang {
    pub name: &'static str,
    pub grammar: tree_sitter::Language,
    kinds: Vec<Kind>,
    names: Vec<Box<str>>,
    fields: Vec<Field>,
    /// Comprehensions stand in the text before the clauses that bind their names.
    pub clauses_first: bool,
    /// An assignment may change a variable of the function around.
    pub outer_assignment: bool,
    pub ascii_scanner: bool,
    /// A long table of literals is parsed at its ends only: rows end with a comma and mean nothing by themselves.
    pub tables: bool,
    pub hooks: &'static dyn Hooks,
    pub rules: RuleSet,
}

pub(crate) struct Spec {
    pub name: &'static str,
    pub grammar: tree_sitter::Language,
    pub kinds: &'static [(&'static str, Kind)],
    pub fields: &'static [(&'static str, Field)],
    pub clauses_first: bool,
    pub outer_assignment: bool,
    /// The grammar's scanner gives characters to the C library's `isdigit`, which knows only bytes: letters of other
    /// alphabets would have it read outside its table.
    pub ascii_scanner: bool,
    /// Imports do not say where a name comes from.
    pub loose: bool,
    pub hooks: &'static dyn Hooks,
}

impl Lang {
    fn new(spec: Spec) -> Lang {
        let by_name: FxHashMap<&str, Kind> = spec.kinds.iter().copied().collect();
        let by_field: FxHashMap<&str, Field> = spec.fields.iter().copied().collect();
        let mut kinds = Vec::new();
        let mut names = Vec::new();
        for id in 0..spec.grammar.node_kind_count() {
            let id = u16::try_from(id).unwrap_or(0);
            let name = spec.grammar.node_kind_for_id(id).unwrap_or("");
            let named = spec.grammar.node_kind_is_named(id);
            kinds.push(if named {
                by_name.get(name).copied().unwrap_or(Kind::Other)
            } else {
                Kind::Other
            });
            names.push(Box::from(name));
        }
        let mut fields = vec![Field::None];
        for id in 1..=spec.grammar.field_count() {
            let name = spec
                .grammar
                .field_name_for_id(u16::try_from(id).unwrap_or(0))
                .unwrap_or("");
            fields.push(by_field.get(name).copied().unwrap_or(Field::Other));
        }
        let rules = RuleSet::built_in(spec.name, spec.loose);
        Lang {
            name: spec.name,
            grammar: spec.grammar,
            kinds,
            names,
            fields,
            clauses_first: spec.clauses_first,
            outer_assignment: spec.outer_assignment,
            ascii_scanner: spec.ascii_scanner,
            tables: matches!(
                spec.name,
                "python" | "javascript" | "typescript" | "tsx" | "csharp" | "rust"
            ),
            hooks: spec.hooks,
            rules,
        }
    }

    pub(crate) fn kind(&self, id: u16) -> Kind {
        self.kinds.get(id as usize).copied().unwrap_or(Kind::Other)
    }

    pub(crate) fn field(&self, id: u16) -> Field {
        self.fields
            .get(id as usize)
            .copied()
            .unwrap_or(Field::Other)
    }

    pub(crate) fn raw_name(&'static self, id: u16) -> &'static str {
        self.names.get(id as usize).map_or("ERROR", |n| n)
    }
}

/// The language of a canonical name.
pub(crate) fn find(name: &str) -> Option<&'static Lang> {
    static PYTHON: LazyLock<Lang> = LazyLock::new(|| Lang::new(python::spec()));
    static JAVASCRIPT: LazyLock<Lang> = LazyLock::new(|| Lang::new(javascript::javascript()));
    static TYPESCRIPT: LazyLock<Lang> = LazyLock::new(|| Lang::new(javascript::typescript()));
    static TSX: LazyLock<Lang> = LazyLock::new(|| Lang::new(javascript::tsx()));
    static CSHARP: LazyLock<Lang> = LazyLock::new(|| Lang::new(csharp::spec()));
    static FSHARP: LazyLock<Lang> = LazyLock::new(|| Lang::new(fsharp::spec()));
    static RUST: LazyLock<Lang> = LazyLock::new(|| Lang::new(rust::spec()));
    static BASH: LazyLock<Lang> = LazyLock::new(|| Lang::new(plain::bash()));
    static POWERSHELL: LazyLock<Lang> = LazyLock::new(|| Lang::new(plain::powershell()));
    static SQL: LazyLock<Lang> = LazyLock::new(|| Lang::new(plain::sql()));
    Some(match name {
        "rust" | "rs" => &RUST,
        "bash" | "sh" | "shell" | "zsh" => &BASH,
        "powershell" | "pwsh" | "ps1" => &POWERSHELL,
        "sql" => &SQL,
        "csharp" | "c#" | "cs" => &CSHARP,
        "fsharp" | "f#" | "fs" | "fsx" => &FSHARP,
        "python" | "py" => &PYTHON,
        "javascript" | "js" | "jsx" | "mjs" | "cjs" => &JAVASCRIPT,
        "typescript" | "ts" => &TYPESCRIPT,
        "tsx" => &TSX,
        _ => return None,
    })
}

/// Names of the languages whose code is parsed.
pub const LANGUAGES: &[&str] = &[
    "python",
    "javascript",
    "typescript",
    "csharp",
    "fsharp",
    "rust",
    "bash",
    "powershell",
    "sql",
];

/// `callee(arguments)` with fields.
pub(crate) fn standard_call<'s>(ast: &Ast<'s>, id: Id) -> CallParts<'s> {
    let mut callee = ast.child(id, Field::Function);
    if callee == NONE {
        callee = ast.child(id, Field::Type);
    }
    let mut list = ast.child(id, Field::Arguments);
    if list == NONE {
        list = ast.child_of_kind(id, Kind::Args);
    }
    let mut args = Vec::new();
    if list != NONE && ast.kind(list) != Kind::Args {
        args.push(ArgNode {
            name: "",
            node: list,
            splat: false,
        });
        return CallParts { callee, args };
    }
    for c in ast.children(list) {
        match ast.kind(c) {
            Kind::Comment => {}
            Kind::Keyword => {
                let value = ast.child(c, Field::Value);
                args.push(ArgNode {
                    name: ast.text(ast.child(c, Field::Name)),
                    node: value,
                    splat: false,
                });
            }
            Kind::Splat => args.push(ArgNode {
                name: "",
                node: c,
                splat: true,
            }),
            _ => args.push(ArgNode {
                name: "",
                node: ast.peel(c),
                splat: false,
            }),
        }
    }
    CallParts { callee, args }
}

/// Decorators of the function or of the definition around it that the models call handlers.
pub(crate) fn standard_handler(ev: &mut Eval<'_, '_>, function: Id) -> bool {
    let ast = ev.ast;
    for holder in [function, ast.parent(function)] {
        let decorators: Vec<Id> = ast
            .children(holder)
            .filter(|c| ast.kind(*c) == Kind::Decorator)
            .collect();
        for d in decorators {
            let path = ev.val(ast.first(d)).path;
            if ev.info(path).handler {
                return true;
            }
        }
    }
    false
}

/// Parameters as `Param` and `Name` children of the parameter list.
pub(crate) fn standard_params<'s>(ast: &Ast<'s>, function: Id) -> Vec<ParamNode<'s>> {
    let list = ast.child(function, Field::Params);
    let mut out = Vec::new();
    if list == NONE {
        return out;
    }
    if ast.kind(list) == Kind::Name {
        out.push(ParamNode {
            name: ast.text(list),
            node: list,
            ty: NONE,
            default: NONE,
        });
        return out;
    }
    for c in ast.children(list) {
        match ast.kind(c) {
            Kind::Name => out.push(ParamNode {
                name: ast.text(c),
                node: c,
                ty: NONE,
                default: NONE,
            }),
            Kind::Param | Kind::Splat | Kind::Assign => {
                let mut name = ast.child(c, Field::Name);
                if name == NONE {
                    name = ast.child(c, Field::Left);
                }
                if name == NONE {
                    name = ast.child_of_kind(c, Kind::Name);
                }
                if ast.kind(name) == Kind::Splat {
                    name = ast.child_of_kind(name, Kind::Name);
                }
                let mut default = ast.child(c, Field::Value);
                if default == NONE {
                    default = ast.child(c, Field::Right);
                }
                out.push(ParamNode {
                    name: ast.text(name),
                    node: name,
                    ty: ast.child(c, Field::Type),
                    default,
                });
            }
            Kind::Pattern | Kind::Dict | Kind::List => out.push(ParamNode {
                name: "",
                node: c,
                ty: NONE,
                default: NONE,
            }),
            _ => {}
        }
    }
    out
}

/// Resolves the backslash escapes that the C family and Python share.
pub(crate) fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { break };
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        let hex = |rest: &str, n: usize| -> Option<char> {
            rest.get(..n)
                .and_then(|h| u32::from_str_radix(h, 16).ok())
                .and_then(char::from_u32)
        };
        match c {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            '0' => out.push('\0'),
            '\n' => {}
            'x' | 'u' | 'U' => {
                let n = match c {
                    'x' => 2,
                    'u' => 4,
                    _ => 8,
                };
                if let Some(ch) = hex(rest, n) {
                    out.push(ch);
                    rest = rest.get(n..).unwrap_or_default();
                } else {
                    out.push('\\');
                    out.push(c);
                }
            }
            '\\' | '\'' | '"' | '`' | '/' => out.push(c),
            _ => {
                out.push('\\');
                out.push(c);
            }
        }
    }
    out.push_str(rest);
}
