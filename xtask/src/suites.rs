//! Fetches the suites of other scanners that our acceptance tests run: into the user's cache folder, pinned by hash,
//! nothing of them in this repository.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use xshell::{Shell, cmd};

const BANDIT: &str = "1.9.4";
const BANDIT_SHA256: &str = "b589e5de2afe70bd4d53fa0c1da6199f4085af666fde00e8a034f152a52cd628";
const ESLINT: &str = "4.1.0";
const ESLINT_SHA256: &str = "42e049a3c262178022d9071d8adae9f9d9adf93426e20c82ac5d3bff5ba5a277";

const PYTEST_LSP: &str = "1.0.1";
const PYTEST_LSP_SHA256: &str = "1a44390556253e384a1921cfc2eb9aad1c315e08576629e52942c71d35b95596";

/// Loads the rule tests of the ESLint plugin with a stand-in for ESLint's own tester and prints the cases as JSON.
const CASES: &str = r"
const Module = require('module'), fs = require('fs'), path = require('path');
const folder = path.join(process.argv[1], 'test/rules');
const cases = [];
class RuleTester {
  run(name, rule, tests) {
    for (const v of tests.valid) cases.push({ name, valid: true, code: typeof v === 'string' ? v : v.code });
    for (const v of tests.invalid) cases.push({ name, valid: false, code: v.code });
  }
}
const load = Module._load;
Module._load = function (request, ...rest) {
  if (request === 'eslint') return { RuleTester };
  if (request === 'safe-regex') return () => true;
  return load.call(this, request, ...rest);
};
for (const file of fs.readdirSync(folder)) require(path.join(folder, file));
console.log(JSON.stringify(cases));
";

/// The folder of the suites.
pub fn folder() -> Result<PathBuf> {
    if let Some(dir) = std::env::var_os("METASCRIPT_SUITES") {
        return Ok(dir.into());
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|h| PathBuf::from(h).join(".cache"));
    Ok(cache
        .or_else(home)
        .context("neither XDG_CACHE_HOME nor HOME is set")?
        .join("metascript/suites"))
}

/// Fetches what is missing.
pub fn run() -> Result<()> {
    let folder = folder()?;
    fs::create_dir_all(&folder)?;
    let sh = Shell::new()?;
    sh.change_dir(&folder);
    bandit(&sh, &folder)?;
    eslint(&sh, &folder)?;
    clients(&sh, &folder)?;
    println!("suites are in {}", folder.display());
    Ok(())
}

fn verify(path: &Path, expected: &str) -> Result<()> {
    let digest = Sha256::digest(fs::read(path)?);
    let found: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    if found != expected {
        fs::remove_file(path)?;
        bail!(
            "{} has the hash {found}, not {expected}; it was removed",
            path.display()
        );
    }
    Ok(())
}

fn bandit(sh: &Shell, folder: &Path) -> Result<()> {
    let name = format!("bandit-{BANDIT}");
    let archive = folder.join(format!("{name}.tar.gz"));
    if !archive.exists() {
        let requirement = format!("bandit=={BANDIT}");
        cmd!(
            sh,
            "python3 -m pip download --quiet --no-deps --no-binary :all: {requirement}"
        )
        .run()?;
    }
    verify(&archive, BANDIT_SHA256)?;
    if !folder.join(&name).exists() {
        cmd!(sh, "tar xzf {archive}").run()?;
    }
    let oracle = folder.join("bandit-oracle.json");
    if !oracle.exists() {
        let requirement = format!("bandit=={BANDIT}");
        cmd!(sh, "python3 -m venv venv").run()?;
        cmd!(sh, "venv/bin/pip install --quiet {requirement}").run()?;
        let part = folder.join("bandit-oracle.part");
        sh.change_dir(folder.join(&name));
        // Bandit exits with 1 when it finds something.
        cmd!(sh, "../venv/bin/bandit -q -r examples -f json -o {part}")
            .ignore_status()
            .run()?;
        sh.change_dir(folder);
        fs::rename(part, oracle)?;
    }
    Ok(())
}

fn eslint(sh: &Shell, folder: &Path) -> Result<()> {
    let archive = folder.join(format!("eslint-plugin-security-{ESLINT}.tgz"));
    if !archive.exists() {
        let package = format!("eslint-plugin-security@{ESLINT}");
        cmd!(sh, "npm pack --silent {package}").run()?;
    }
    verify(&archive, ESLINT_SHA256)?;
    let unpacked = folder.join("eslint-plugin-security");
    if !unpacked.exists() {
        fs::create_dir_all(&unpacked)?;
        cmd!(sh, "tar xzf {archive} -C {unpacked}").run()?;
    }
    let package = unpacked.join("package");
    let cases = cmd!(sh, "node -e {CASES} {package}").read()?;
    fs::write(folder.join("eslint-security-cases.json"), cases)?;
    Ok(())
}

/// What real editors say in `initialize`, as pytest-lsp has recorded it.
fn clients(sh: &Shell, folder: &Path) -> Result<()> {
    let archive = folder.join(format!("pytest_lsp-{PYTEST_LSP}-py3-none-any.whl"));
    if !archive.exists() {
        let requirement = format!("pytest-lsp=={PYTEST_LSP}");
        cmd!(
            sh,
            "python3 -m pip download --quiet --no-deps {requirement}"
        )
        .run()?;
    }
    verify(&archive, PYTEST_LSP_SHA256)?;
    let unpacked = folder.join("pytest-lsp");
    if !unpacked.exists() {
        cmd!(sh, "python3 -m zipfile -e {archive} {unpacked}").run()?;
    }
    Ok(())
}
