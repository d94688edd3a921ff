//! Generates the parser from `grammar/grammar.js`, without node or a downloaded tool.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tree_sitter_generate::{ABI_VERSION_MAX, OptLevel, generate_parser_in_directory};

/// What tree-sitter generates, relative to `grammar/src`.
const GENERATED: [&str; 6] = [
    "grammar.json",
    "node-types.json",
    "parser.c",
    "tree_sitter/alloc.h",
    "tree_sitter/array.h",
    "tree_sitter/parser.h",
];

/// Generates `grammar/src/parser.c` and the files beside it. With `check`, nothing is written, and an error
/// tells which committed file differs from what `grammar.js` gives.
pub fn generate(check: bool) -> Result<()> {
    let grammar = crate::shell::root().join("grammar");
    let source = grammar.join("src");
    let output = std::env::temp_dir().join(format!("metascript-grammar-{}", std::process::id()));
    fs::create_dir_all(&output)?;
    let result = generate_into(&grammar, &output).and_then(|()| publish(&output, &source, check));
    fs::remove_dir_all(&output)?;
    result
}

fn generate_into(grammar: &Path, output: &Path) -> Result<()> {
    let mut diagnostics = Vec::new();
    generate_parser_in_directory(
        grammar,
        Some(output),
        None::<PathBuf>,
        ABI_VERSION_MAX,
        None,
        Some("native"),
        true,
        OptLevel::default(),
        &mut diagnostics,
    )
    .context("grammar.js does not give a parser")?;
    if let Some(diagnostic) = diagnostics.first() {
        bail!("grammar.js: {diagnostic}");
    }
    Ok(())
}

fn publish(output: &Path, source: &Path, check: bool) -> Result<()> {
    for name in GENERATED {
        let new =
            fs::read(output.join(name)).with_context(|| format!("{name} was not generated"))?;
        let path = source.join(name);
        if fs::read(&path).is_ok_and(|old| old == new) {
            continue;
        }
        if check {
            bail!(
                "{} is not what grammar.js gives: run `cargo xtask grammar`",
                path.display()
            );
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let temporary = path.with_extension("new");
        fs::write(&temporary, new)?;
        fs::rename(&temporary, &path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_parser_is_current() {
        if let Err(error) = super::generate(true) {
            panic!("{error:#}");
        }
    }
}
