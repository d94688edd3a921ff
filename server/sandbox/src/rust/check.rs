//! What a cell must not say, because the compiler would act on it.
//!
//! Rust's compiler reads files and the environment for code that asks it to. That the compiler gets an empty environment
//! and, where the system can do it, sees no file but its own is one wall; this check of the tokens is the other. A macro
//! cannot make a name out of pieces, so a name that is forbidden must stand in the cell.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Most tokens of a cell.
const MAX_TOKENS: usize = 100_000;
/// Deepest nesting of brackets.
const MAX_NESTING: usize = 200;

/// Names with which code makes the compiler read, link or assemble something.
const FORBIDDEN: [(&str, &str); 14] = [
    ("include", "reads a file while the cell is compiled"),
    ("include_str", "reads a file while the cell is compiled"),
    ("include_bytes", "reads a file while the cell is compiled"),
    (
        "debugger_visualizer",
        "reads a file while the cell is compiled",
    ),
    ("option_env", "reads the compiler's environment"),
    ("proc_macro", "runs code inside the compiler"),
    ("proc_macro_derive", "runs code inside the compiler"),
    ("proc_macro_attribute", "runs code inside the compiler"),
    ("asm", "is for processors, and a cell runs in WebAssembly"),
    (
        "global_asm",
        "is for processors, and a cell runs in WebAssembly",
    ),
    (
        "naked_asm",
        "is for processors, and a cell runs in WebAssembly",
    ),
    ("link", "links other libraries"),
    ("link_args", "links other libraries"),
    ("no_core", "takes the language apart"),
];

/// Something forbidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forbidden {
    /// Where it stands, in bytes.
    pub(crate) at: usize,
    /// A sentence.
    pub(crate) message: String,
}

/// Finds what a cell must not say.
pub(crate) fn check(tokens: &TokenStream) -> Result<(), Forbidden> {
    let mut count = 0;
    let mut levels = vec![(tokens.clone().into_iter().collect::<Vec<_>>(), 0, false)];
    while let Some((trees, depth, in_macro)) = levels.pop() {
        for (at, tree) in trees.iter().enumerate() {
            count += 1;
            if count > MAX_TOKENS {
                return Err(forbidden(
                    tree,
                    format!("the cell has more than {MAX_TOKENS} words and signs"),
                ));
            }
            match tree {
                TokenTree::Group(_) if depth >= MAX_NESTING => {
                    return Err(forbidden(
                        tree,
                        format!("brackets are nested more than {MAX_NESTING} deep"),
                    ));
                }
                TokenTree::Group(group) => {
                    let of_macro = in_macro || is_of_macro(&trees, at);
                    levels.push((group.stream().into_iter().collect(), depth + 1, of_macro));
                }
                TokenTree::Ident(_) => word(&trees, at, in_macro)?,
                TokenTree::Punct(punct) if punct.as_char() == '#' => attribute(&trees, at)?,
                _ => {}
            }
        }
    }
    Ok(())
}

fn forbidden(tree: &TokenTree, message: String) -> Forbidden {
    Forbidden {
        at: tree.span().byte_range().start,
        message,
    }
}

fn ident(tree: Option<&TokenTree>) -> Option<String> {
    match tree {
        Some(TokenTree::Ident(ident)) => {
            let text = ident.to_string();
            Some(text.strip_prefix("r#").map(str::to_owned).unwrap_or(text))
        }
        _ => None,
    }
}

fn is_punct(tree: Option<&TokenTree>, sign: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether the group is what a macro gets or is made of: `name!(...)`, `macro_rules! name { ... }`.
fn is_of_macro(trees: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).and_then(|index| trees.get(index));
    is_punct(before(1), '!') || (ident(before(1)).is_some() && is_punct(before(2), '!'))
}

fn word(trees: &[TokenTree], at: usize, in_macro: bool) -> Result<(), Forbidden> {
    let (Some(tree), Some(name)) = (trees.get(at), ident(trees.get(at))) else {
        return Ok(());
    };
    let next = trees.get(at + 1);
    // `link` is a fine name for a variable: only an attribute of that name links.
    let harmless = name == "link" || name == "link_args" || name == "no_core";
    if let Some((_, why)) = FORBIDDEN
        .iter()
        .find(|(other, _)| *other == name)
        .filter(|_| !harmless)
    {
        return Err(forbidden(
            tree,
            format!("`{name}` is shut out of cells: it {why}"),
        ));
    }
    if name == "env" && is_punct(next, '!') {
        return Err(forbidden(
            tree,
            "`env!` is shut out of cells: it reads the compiler's environment".to_owned(),
        ));
    }
    if name == "extern" && ident(next).is_some_and(|next| next == "crate") {
        return Err(forbidden(
            tree,
            "`extern crate` is shut out of cells: they have the standard library and `metascript`"
                .to_owned(),
        ));
    }
    let has_body = ident(next).is_some()
        && matches!(trees.get(at + 2), Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace);
    // `mod` is a keyword: without a body it names a file, and a macro can leave the body out.
    if name == "mod" && (in_macro || !has_body) {
        return Err(forbidden(
            tree,
            "`mod` without a body is shut out of cells, and in macros: it reads a file; write `mod name { ... }`"
                .to_owned(),
        ));
    }
    Ok(())
}

fn attribute(trees: &[TokenTree], at: usize) -> Result<(), Forbidden> {
    let Some(tree) = trees.get(at) else {
        return Ok(());
    };
    let inner = is_punct(trees.get(at + 1), '!');
    let Some(TokenTree::Group(group)) = trees.get(at + 1 + usize::from(inner)) else {
        return Ok(());
    };
    if group.delimiter() != Delimiter::Bracket {
        return Ok(());
    }
    if inner {
        return Err(forbidden(
            tree,
            "attributes of a whole crate (`#![...]`) are shut out of cells".to_owned(),
        ));
    }
    for inside in group.stream() {
        let name = ident(Some(&inside)).unwrap_or_default();
        if ["path", "link", "link_args", "no_core"].contains(&name.as_str()) {
            return Err(forbidden(
                tree,
                format!("the attribute `{name}` is shut out of cells"),
            ));
        }
        if name != "unsafe" && name != "cfg_attr" {
            break;
        }
    }
    nested(&group.stream())
}

/// An attribute inside `unsafe(...)` or `cfg_attr(...)`.
fn nested(tokens: &TokenStream) -> Result<(), Forbidden> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let wraps = ident(trees.first()).is_some_and(|name| name == "unsafe" || name == "cfg_attr");
    if !wraps {
        return Ok(());
    }
    let Some(TokenTree::Group(group)) = trees.get(1) else {
        return Ok(());
    };
    for inside in group.stream() {
        let name = ident(Some(&inside)).unwrap_or_default();
        if ["path", "link", "link_args", "no_core"].contains(&name.as_str()) {
            return Err(forbidden(
                &inside,
                format!("the attribute `{name}` is shut out of cells"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn said(code: &str) -> Option<String> {
        check(&code.parse().unwrap())
            .err()
            .map(|found| found.message)
    }

    #[test]
    fn what_makes_the_compiler_read_is_refused() {
        for code in [
            "include!(\"/etc/passwd\")",
            "std::include_str!(\"/etc/passwd\")",
            "use std::include_bytes as quiet; quiet!(\"x\")",
            "r#include_str!(\"/etc/passwd\")",
            "macro_rules! m { () => { include_str!(\"x\") } } m!()",
            "env!(\"HOME\")",
            "option_env!(\"HOME\")",
            "mod secret;",
            "#[path = \"/etc/passwd\"] mod secret;",
            "#[cfg_attr(all(), path = \"/etc/passwd\")] mod secret { }",
            "macro_rules! m { ($name:ident) => { mod $name; } } m!(secret);",
            "macro_rules! m { ($($t:tt)*) => { $($t)* } } m! { mod secret; }",
            "macro_rules! m { ($a:tt $b:tt) => { $a $b; } } m!(mod secret);",
            "macro_rules! m { ($p:meta, $a:tt $b:tt $c:tt) => { #[$p] $a $b; } } m!(path = \"/x\", mod secret {});",
            "extern crate proc_macro;",
            "#![feature(asm)]",
            "#[link(name = \"c\")] unsafe extern \"C\" {}",
            "#[unsafe(link(name = \"c\"))] unsafe extern \"C\" {}",
            "std::arch::asm!(\"nop\")",
            "#[debugger_visualizer(natvis_script_file = \"/etc/passwd\")] mod x {}",
        ] {
            assert!(said(code).is_some(), "{code}");
        }
    }

    #[test]
    fn ordinary_code_is_not() {
        for code in [
            "use std::env; env::args().count()",
            "let link = 1; let path = link; path",
            "mod shapes { pub struct Square(pub f64); }",
            "#[derive(Debug)] struct P { path: String }",
            "// include_str!(\"x\")\n\"include!\"",
            "extern \"C\" fn f() {}",
            "#[cfg(test)] fn f() {}",
        ] {
            assert_eq!(said(code), None, "{code}");
        }
    }

    #[test]
    fn bombs_of_brackets_are_refused() {
        assert!(said(&format!("{}{}", "(".repeat(5000), ")".repeat(5000))).is_some());
        assert!(said(&"a ".repeat(200_000)).is_some());
    }
}
