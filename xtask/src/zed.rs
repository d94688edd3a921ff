//! The extension of `docs/editors/zed.md`, made of the page's own files and compiled as Zed compiles it. Zed itself needs a
//! graphics card, so no test opens it.

use std::fs;
use std::path::{Component, Path};

use anyhow::{Context, Result, bail, ensure};

use crate::shell::{self, root};

/// Builds the extension and checks that what it refers to is there.
pub fn test() -> Result<()> {
    let page = fs::read_to_string(root().join("docs/editors/zed.md"))?;
    // As a copy of the repository's own, so that cargo sees no workspace above it.
    let folder = std::env::temp_dir().join(format!("metascript-zed-{}", std::process::id()));
    let outcome = build(&page, &folder);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    outcome
}

fn build(page: &str, folder: &Path) -> Result<()> {
    for (name, text) in files(page)? {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(path, text)?;
    }
    let read = |name: &str| -> Result<toml::Table> {
        let text = fs::read_to_string(folder.join(name)).with_context(|| name.to_owned())?;
        toml::from_str(&text).with_context(|| format!("{name} of the page"))
    };
    let manifest = read("extension.toml")?;
    let language = read("languages/metascript/config.toml")?;
    let grammar = language
        .get("grammar")
        .and_then(toml::Value::as_str)
        .context("the language names no grammar")?;
    let place = manifest
        .get("grammars")
        .and_then(|it| it.get(grammar)?.get("path")?.as_str())
        .context("the manifest does not say where the grammar is")?;
    ensure!(
        root().join(place).join("src/parser.c").is_file(),
        "no parser in {place}"
    );
    fs::copy(
        root().join("tests/zed/Cargo.lock"),
        folder.join("Cargo.lock"),
    )
    .context("tests/zed/Cargo.lock")?;
    shell::run(
        shell::cargo()
            .args(["build", "--locked", "--target", "wasm32-wasip1"])
            .arg("--target-dir")
            .arg(shell::target_dir().join("zed-test"))
            .current_dir(folder)
            .env_remove("CARGO_TARGET_DIR"),
    )
}

/// The page's files: a code block after a line that begins with a file's name and ends with a colon.
fn files(page: &str) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut lines = page.lines();
    let mut name = None;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let text: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.starts_with("```"))
                .collect();
            if let Some(name) = name.take() {
                files.push((name, text.join("\n") + "\n"));
            }
        } else if let Some(rest) = line.strip_prefix('`').filter(|_| line.ends_with(':')) {
            name = rest.split('`').next().map(str::to_owned);
        }
    }
    let outside = |name: &String| {
        Path::new(name)
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
    };
    if let Some((name, _)) = files.iter().find(|(name, _)| outside(name)) {
        bail!("{name} is outside the extension");
    }
    Ok(files)
}
