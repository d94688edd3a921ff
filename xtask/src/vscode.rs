//! The VS Code extension: build it, and test it in a real VS Code.

mod grammar;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::shell;
use crate::shell::servers::Model;

/// Builds the extension: grammar, type check, bundle, `editors/vscode/metascript.vsix`.
pub fn build() -> Result<()> {
    write_grammar()?;
    install()?;
    let folder = extension();
    shell::run(npx(&folder).args(["tsc", "--noEmit"]))?;
    package()
}

/// Runs everything that tests the extension; answers how many checks passed and failed.
pub fn test() -> Result<(u32, u32)> {
    let (mut passed, mut failed) = (0, 0);
    let mut check = |name: &str, outcome: Result<()>| match outcome {
        Ok(()) => passed += 1,
        Err(error) => {
            failed += 1;
            eprintln!("FAILED {name}: {error:#}");
        }
    };
    check("the TextMate grammar is current", grammar_is_current());
    install()?;
    let folder = extension();
    check("tsc", shell::run(npx(&folder).args(["tsc", "--noEmit"])));
    check("eslint", shell::run(npx(&folder).args(["eslint", "."])));
    package()?;

    let (more, wrong) = drive(&["--server".as_ref(), shell::binary().as_os_str()])?;
    Ok((passed + more, failed + wrong))
}

/// Prints activation, first diagnostics and typing in the real editor.
pub fn bench() -> Result<(u32, u32)> {
    build()?;
    let server = shell::binary();
    drive(&["--bench".as_ref(), "--server".as_ref(), server.as_os_str()])
}

/// Runs the tests in the real editor.
fn drive(arguments: &[&OsStr]) -> Result<(u32, u32)> {
    let model = Model::start()?;
    let mut node = program("node");
    model
        .tell(&mut node)
        .arg(shell::root().join("tests/vscode/main.mjs"))
        .args(arguments)
        .arg("--artefacts")
        .arg(shell::artefacts_dir().join("vscode"))
        .current_dir(shell::root());
    let mut counted = None;
    let ok = shell::run_watched(&mut node, |line| counted = closing_line(line).or(counted))?;
    let Some((passed, failed)) = counted else {
        bail!("the VS Code test ended without its closing line");
    };
    Ok((passed, if ok { failed } else { failed.max(1) }))
}

/// The counts of `N passed, N failed`.
fn closing_line(line: &str) -> Option<(u32, u32)> {
    let (passed, failed) = line
        .trim()
        .strip_suffix(" failed")?
        .split_once(" passed, ")?;
    Some((passed.parse().ok()?, failed.parse().ok()?))
}

fn extension() -> PathBuf {
    shell::root().join("editors/vscode")
}

fn grammar_file() -> PathBuf {
    extension().join("syntaxes/metascript.tmLanguage.json")
}

fn generated_grammar() -> Result<String> {
    let tables = shell::root().join("server/syntax/src/schema/blocks.toml");
    let text = fs::read_to_string(&tables)
        .with_context(|| format!("{} cannot be read", tables.display()))?;
    grammar::generate(&text)
}

fn write_grammar() -> Result<()> {
    let generated = generated_grammar()?;
    if fs::read_to_string(grammar_file()).is_ok_and(|committed| committed == generated) {
        return Ok(());
    }
    fs::write(grammar_file(), generated).context("the TextMate grammar cannot be written")
}

fn grammar_is_current() -> Result<()> {
    if fs::read_to_string(grammar_file())? != generated_grammar()? {
        bail!(
            "editors/vscode/syntaxes/metascript.tmLanguage.json is not what the tables say; run `cargo xtask vscode`"
        );
    }
    Ok(())
}

/// Installs the pinned packages; quick when the lock file is the one of the last time.
fn install() -> Result<()> {
    let folder = extension();
    let lock = fs::read(folder.join("package-lock.json"))
        .context("editors/vscode/package-lock.json is missing")?;
    let wanted: String = Sha256::digest(&lock)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mark = folder.join("node_modules/.metascript-lock");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    // No install script runs: the packages that we use work without theirs.
    shell::run(
        program("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    fs::write(&mark, wanted).context("the mark of the installed packages cannot be written")
}

/// Bundles the sources and makes `editors/vscode/metascript.vsix`, without a server.
fn package() -> Result<()> {
    bundle()?;
    pack(&["--out", "metascript.vsix"])
}

/// Makes the extension for one platform, with the server and its runtimes inside.
pub fn package_with(server: &Path, runtimes: &[PathBuf], platform: &str, out: &Path) -> Result<()> {
    install()?;
    bundle()?;
    let inside = extension().join("server");
    if inside.exists() {
        fs::remove_dir_all(&inside)?;
    }
    fs::create_dir_all(inside.join("runtimes"))?;
    let name = |path: &Path| path.file_name().map(ToOwned::to_owned).unwrap_or_default();
    fs::copy(server, inside.join(name(server)))?;
    for runtime in runtimes {
        fs::copy(runtime, inside.join("runtimes").join(name(runtime)))?;
    }
    let out = out.to_string_lossy();
    let packed = pack(&["--target", platform, "--out", &out]);
    fs::remove_dir_all(&inside)?;
    packed
}

/// Installs a package that has its own server in a fresh VS Code and runs a cell.
pub fn test_package(package: &Path) -> Result<(u32, u32)> {
    drive(&["--package".as_ref(), package.as_os_str()])
}

fn bundle() -> Result<()> {
    let folder = extension();
    let mut licenses = String::new();
    for file in ["LICENSE-MIT", "LICENSE-APACHE"] {
        licenses += &fs::read_to_string(shell::root().join(file))
            .with_context(|| format!("{file} cannot be read"))?;
        licenses += "\n";
    }
    fs::write(folder.join("LICENSE.txt"), licenses)
        .context("the licences cannot be written beside the extension")?;
    shell::run(program("node").arg("esbuild.mjs").current_dir(&folder))
}

fn pack(arguments: &[&str]) -> Result<()> {
    let fixed = [
        "vsce",
        "package",
        "--no-dependencies",
        "--allow-missing-repository",
    ];
    shell::run(npx(&extension()).args(fixed).args(arguments))
}

/// A program of the extension's own packages.
fn npx(folder: &Path) -> Command {
    let mut command = program("npx");
    command.arg("--no-install").current_dir(folder);
    command
}

/// On Windows, the programs of Node are scripts.
fn program(name: &str) -> Command {
    if cfg!(windows) && name != "node" {
        Command::new(format!("{name}.cmd"))
    } else {
        Command::new(name)
    }
}

#[cfg(test)]
mod tests {
    use super::closing_line;

    #[test]
    fn the_closing_line_is_read() {
        assert_eq!(closing_line("12 passed, 3 failed"), Some((12, 3)));
        assert_eq!(closing_line("all 12 passed"), None);
    }
}
