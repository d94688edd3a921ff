//! A cell taken apart: items that stay for later cells, statements that run, the expression that is its result.

use std::collections::BTreeSet;
use std::ops::Range;

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::check;

/// Parsing calls itself for each level of the code, whose depth the check bounds only where brackets make it.
const STACK: usize = 512 << 20;
/// Longest cell, in bytes.
const MAX_CODE: usize = 1 << 20;

/// What the parts of a cell are. Ranges are bytes of the cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Parsed {
    pub(super) items: Vec<Item>,
    /// The last expression, which has no semicolon.
    pub(super) result: Option<Range<usize>>,
    /// Names that `let` binds at top level, each once.
    pub(super) bound: Vec<String>,
}

/// Something that later cells can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(super) range: Range<usize>,
    pub(super) keys: Vec<Key>,
}

/// What an item is known by: a later item with one of its keys takes its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A type, trait or module.
    Type(String),
    /// A function, constant or static.
    Value(String),
    Macro(String),
    /// A name that `use` binds.
    Use(String),
    /// `use path::*`.
    Glob(String),
    /// The head of an implementation of a trait.
    Impl(String),
    /// A function of a type.
    Method(String, String),
}

/// Why a cell is no Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where, in bytes of the cell.
    pub(super) at: usize,
    /// For example `SyntaxError`.
    pub(super) name: &'static str,
    pub(super) message: String,
}

/// Takes a cell apart.
pub(super) fn parse(code: &str) -> Result<Parsed, Fault> {
    let fault = |name, message: String| Fault {
        at: 0,
        name,
        message,
    };
    if code.len() > MAX_CODE {
        return Err(fault(
            "Forbidden",
            format!("the cell has more than {MAX_CODE} bytes"),
        ));
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .name("metascript-rust".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || {
                let parsed = parse_here(code);
                proc_macro2::extra::invalidate_current_thread_spans();
                parsed
            })
            .map_err(|error| fault("Error", format!("no thread to read the cell: {error}")))?
            .join()
            .unwrap_or_else(|_| Err(fault("Error", "the cell could not be read".to_owned())))
    })
}

fn parse_here(code: &str) -> Result<Parsed, Fault> {
    let syntax = |at, message| Fault {
        at,
        name: "SyntaxError",
        message,
    };
    let tokens: TokenStream = code.parse().map_err(|error: proc_macro2::LexError| {
        syntax(
            error.span().byte_range().start,
            "this is no Rust: a bracket, a quote or a character is wrong".to_owned(),
        )
    })?;
    check::check(&tokens).map_err(|found| Fault {
        at: found.at,
        name: "Forbidden",
        message: found.message,
    })?;
    let statements = syn::Block::parse_within
        .parse2(tokens)
        .map_err(|error| syntax(error.span().byte_range().start, error.to_string()))?;
    let mut parsed = Parsed::default();
    let last = statements.len().saturating_sub(1);
    let mut bound = BTreeSet::new();
    for (at, statement) in statements.iter().enumerate() {
        match statement {
            syn::Stmt::Item(item) => parsed.items.push(Item {
                range: statement.span().byte_range(),
                keys: keys(item, code),
            }),
            syn::Stmt::Local(local) => {
                let mut names = Names::default();
                names.visit_pat(&local.pat);
                for name in names.0 {
                    if bound.insert(name.clone()) {
                        parsed.bound.push(name);
                    }
                }
            }
            syn::Stmt::Expr(_, None) if at == last => {
                parsed.result = Some(statement.span().byte_range());
            }
            syn::Stmt::Macro(one)
                if at == last
                    && one.semi_token.is_none()
                    && !matches!(one.mac.delimiter, syn::MacroDelimiter::Brace(_)) =>
            {
                parsed.result = Some(statement.span().byte_range());
            }
            syn::Stmt::Expr(..) | syn::Stmt::Macro(_) => {}
        }
    }
    Ok(parsed)
}

/// Names that a pattern binds.
#[derive(Default)]
struct Names(Vec<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
        let name = pattern.ident.to_string();
        // `None` in a pattern is no name, and what begins with an underscore is meant for nobody.
        if name.starts_with(|first: char| first.is_alphabetic() && !first.is_uppercase())
            && !name.starts_with("r#")
        {
            self.0.push(name);
        }
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_expr(&mut self, _: &'ast syn::Expr) {}
}

fn text(code: &str, range: Range<usize>) -> String {
    let words: Vec<&str> = code
        .get(range)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    words.join(" ")
}

fn keys(item: &syn::Item, code: &str) -> Vec<Key> {
    let value = |name: &syn::Ident| vec![Key::Value(name.to_string())];
    let kind = |name: &syn::Ident| vec![Key::Type(name.to_string())];
    match item {
        syn::Item::Fn(one) => value(&one.sig.ident),
        syn::Item::Const(one) => value(&one.ident),
        syn::Item::Static(one) => value(&one.ident),
        syn::Item::Struct(one) => kind(&one.ident),
        syn::Item::Enum(one) => kind(&one.ident),
        syn::Item::Union(one) => kind(&one.ident),
        syn::Item::Type(one) => kind(&one.ident),
        syn::Item::Trait(one) => kind(&one.ident),
        syn::Item::TraitAlias(one) => kind(&one.ident),
        syn::Item::Mod(one) => kind(&one.ident),
        syn::Item::Macro(one) => one
            .ident
            .iter()
            .map(|name| Key::Macro(name.to_string()))
            .collect(),
        syn::Item::Use(one) => {
            let mut found = Vec::new();
            leaves(&one.tree, &mut Vec::new(), &mut found);
            found
        }
        syn::Item::Impl(one) => {
            let owner = text(code, one.self_ty.span().byte_range());
            if let Some((_, path, _)) = &one.trait_ {
                let of = text(code, path.span().byte_range());
                return vec![Key::Impl(format!("{of} for {owner}"))];
            }
            one.items
                .iter()
                .filter_map(|inner| match inner {
                    syn::ImplItem::Fn(one) => Some(one.sig.ident.to_string()),
                    syn::ImplItem::Const(one) => Some(one.ident.to_string()),
                    _ => None,
                })
                .map(|name| Key::Method(owner.clone(), name))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn leaves(tree: &syn::UseTree, path: &mut Vec<String>, found: &mut Vec<Key>) {
    match tree {
        syn::UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            leaves(&inner.tree, path, found);
            path.pop();
        }
        syn::UseTree::Name(inner) => {
            let name = inner.ident.to_string();
            found.push(Key::Use(if name == "self" {
                path.last().cloned().unwrap_or(name)
            } else {
                name
            }));
        }
        syn::UseTree::Rename(inner) => {
            let name = inner.rename.to_string();
            // `as _` binds nothing, so it may stand there several times.
            if name != "_" {
                found.push(Key::Use(name));
            }
        }
        syn::UseTree::Glob(_) => found.push(Key::Glob(path.join("::"))),
        syn::UseTree::Group(group) => {
            for inner in &group.items {
                leaves(inner, path, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parts(code: &str) -> (Vec<&str>, Option<&str>, Vec<String>) {
        let parsed = parse(code).unwrap();
        (
            parsed
                .items
                .iter()
                .map(|item| code.get(item.range.clone()).unwrap())
                .collect(),
            parsed.result.map(|range| code.get(range).unwrap()),
            parsed.bound,
        )
    }

    #[test]
    fn a_cell_has_items_statements_and_a_result() {
        let code = "use std::fmt;\nlet (a, mut b) = (1, 2);\nfn f() {}\nlet Some(c) = Some(b) else { return Ok(()) };\nlet _d = 1;\na + b";
        assert_eq!(
            parts(code),
            (
                vec!["use std::fmt;", "fn f() {}"],
                Some("a + b"),
                vec!["a".to_owned(), "b".to_owned(), "c".to_owned()]
            )
        );
        assert_eq!(parts("let x = 1;").1, None);
        assert_eq!(parts("vec![1, 2]").1, Some("vec![1, 2]"));
        assert_eq!(
            parts("if true { 1 } else { 2 }").1,
            Some("if true { 1 } else { 2 }")
        );
        assert_eq!(parts("").1, None);
    }

    #[test]
    fn what_an_item_is_known_by() {
        let keys = |code: &str| parse(code).unwrap().items.remove(0).keys;
        assert_eq!(
            keys("use a::{self, b as c, d::*};"),
            vec![
                Key::Use("a".to_owned()),
                Key::Use("c".to_owned()),
                Key::Glob("a::d".to_owned())
            ]
        );
        assert_eq!(
            keys("impl fmt::Display\n  for P {}"),
            vec![Key::Impl("fmt::Display for P".to_owned())]
        );
        assert_eq!(
            keys("impl P { fn a(&self) {} }"),
            vec![Key::Method("P".to_owned(), "a".to_owned())]
        );
    }

    #[test]
    fn depth_without_brackets_does_not_end_the_process() {
        for piece in ["!", "&", "-", "|x| ", "return ", "a = ", "if a {} else "] {
            let _ = parse(&piece.repeat(40_000));
        }
        let _ = parse(&format!("let x: {}u8 = 1;", "&".repeat(40_000)));
    }

    #[test]
    fn a_fault_has_its_place() {
        let fault = parse("let x = ;").unwrap_err();
        assert_eq!((fault.name, fault.at), ("SyntaxError", 8));
        assert_eq!(parse("let x = (1;").unwrap_err().name, "SyntaxError");
        let fault = parse("1 + include_str!(\"x\")").unwrap_err();
        assert_eq!((fault.name, fault.at), ("Forbidden", 4));
    }
}
