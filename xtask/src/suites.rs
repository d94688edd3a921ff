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

/// What runs beside our scanner in the bench, and what checks its results; each in the virtual environment.
const RUFF: &str = "0.17.6";
const JSONSCHEMA: &str = "4.25.1";
/// Wants other versions of Bandit's dependencies, so it has an environment of its own.
const SEMGREP: &str = "1.182.0";
/// The crate that carries the schema of SARIF 2.1.0, as OASIS publishes it.
const SERDE_SARIF: &str = "0.8.0";
const SARIF_SCHEMA_SHA256: &str =
    "af47e7b67f24efe74076621fd3a5fbe7398add9e84fe820c971219a385895cea";

/// Rules for Semgrep, so that it has work to do in the bench: its own collection is in no package registry.
const SEMGREP_RULES: &str = r#"rules:
- {id: shell, languages: [python], severity: ERROR, message: shell, pattern: "subprocess.$F(..., shell=True, ...)"}
- {id: eval, languages: [python], severity: ERROR, message: eval, pattern-either: [{pattern: eval(...)}, {pattern: exec(...)}]}
- {id: pickle, languages: [python], severity: ERROR, message: pickle, pattern-either: [{pattern: pickle.loads(...)}, {pattern: pickle.load(...)}]}
- {id: hash, languages: [python], severity: WARNING, message: hash, pattern-either: [{pattern: hashlib.md5(...)}, {pattern: hashlib.sha1(...)}]}
- {id: yaml, languages: [python], severity: ERROR, message: yaml, patterns: [{pattern: yaml.load(...)}, {pattern-not: "yaml.load(..., Loader=yaml.SafeLoader)"}]}
- {id: verify, languages: [python], severity: ERROR, message: verify, pattern: "requests.$F(..., verify=False, ...)"}
- {id: temp, languages: [python], severity: WARNING, message: temp, pattern: tempfile.mktemp(...)}
- {id: sql, languages: [python], severity: ERROR, message: sql, pattern-either: [{pattern: "$C.execute($X + $Y, ...)"}, {pattern: "$C.execute($X % $Y, ...)"}]}
"#;

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

/// Fetches what is missing, and what the bench compares with.
pub fn run() -> Result<()> {
    let folder = fetch()?;
    let sh = Shell::new()?;
    sh.change_dir(&folder);
    peers(&sh, &folder)?;
    println!("suites are in {}", folder.display());
    Ok(())
}

/// Fetches what is missing for the tests; the folder that holds it.
pub fn fetch() -> Result<PathBuf> {
    let folder = folder()?;
    fs::create_dir_all(&folder)?;
    let sh = Shell::new()?;
    sh.change_dir(&folder);
    bandit(&sh, &folder)?;
    eslint(&sh, &folder)?;
    clients(&sh, &folder)?;
    sarif(&sh, &folder)?;
    Ok(folder)
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

/// The schema of SARIF, and what checks a result against it. The crate is fetched, not built.
fn sarif(sh: &Shell, folder: &Path) -> Result<()> {
    let schema = folder.join("sarif-2.1.0.json");
    if !schema.exists() {
        let project = folder.join("sarif-schema");
        fs::create_dir_all(project.join("src"))?;
        fs::write(project.join("src/lib.rs"), "")?;
        let manifest = format!(
            "[package]\nname = \"sarif-schema\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[dependencies]\nserde-sarif = \"={SERDE_SARIF}\"\n[workspace]\n"
        );
        fs::write(project.join("Cargo.toml"), manifest)?;
        let manifest = project.join("Cargo.toml");
        let json = cmd!(
            sh,
            "cargo metadata --format-version 1 --manifest-path {manifest}"
        )
        .read()?;
        let metadata: serde_json::Value = serde_json::from_str(&json)?;
        let crate_manifest = metadata
            .get("packages")
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
            .find(|one| one.get("name").is_some_and(|name| name == "serde-sarif"))
            .and_then(|one| one.get("manifest_path")?.as_str())
            .context("the crate serde-sarif was not fetched")?;
        fs::copy(
            Path::new(crate_manifest).with_file_name("src/schema.json"),
            &schema,
        )?;
        fs::remove_dir_all(project)?;
    }
    verify(&schema, SARIF_SCHEMA_SHA256)?;
    let requirement = format!("jsonschema=={JSONSCHEMA}");
    cmd!(sh, "venv/bin/pip install --quiet {requirement}").run()?;
    Ok(())
}

/// The scanners that the bench compares with.
fn peers(sh: &Shell, folder: &Path) -> Result<()> {
    let ruff = format!("ruff=={RUFF}");
    cmd!(sh, "venv/bin/pip install --quiet {ruff}").run()?;
    if !folder.join("semgrep-venv").exists() {
        cmd!(sh, "python3 -m venv semgrep-venv").run()?;
    }
    let semgrep = format!("semgrep=={SEMGREP}");
    cmd!(sh, "semgrep-venv/bin/pip install --quiet {semgrep}").run()?;
    fs::write(folder.join("semgrep-rules.yaml"), SEMGREP_RULES)?;
    Ok(())
}
