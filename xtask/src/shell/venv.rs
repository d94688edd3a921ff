//! Virtual environments from hashed packages of PyPI, kept in the user's cache folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::run;

/// The folder of programs of an environment named `name` with the packages of `requirements`. It is made once for each content
/// of that file.
pub fn programs(name: &str, requirements: &Path) -> Result<PathBuf> {
    let text = fs::read(requirements)
        .with_context(|| format!("{} cannot be read", requirements.display()))?;
    let digest = Sha256::digest(&text);
    let content = digest
        .first_chunk()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let place = cache_folder()?.join(name).join(format!("{content:016x}"));
    let bin = place.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let complete = place.join("complete");
    if !complete.is_file() {
        if place.exists() {
            fs::remove_dir_all(&place).context("an unfinished virtual environment")?;
        }
        fs::create_dir_all(&place)?;
        let system = if cfg!(windows) { "python" } else { "python3" };
        run(Command::new(system).args(["-m", "venv"]).arg(&place))?;
        run(Command::new(bin.join("python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps"])
            .args(["--require-hashes", "--only-binary", ":all:"])
            .arg("--requirement")
            .arg(requirements))?;
        File::create(&complete)?;
    }
    Ok(bin)
}

/// The product's folder in the user's cache.
pub fn cache_folder() -> Result<PathBuf> {
    let named = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let base = named("XDG_CACHE_HOME")
        .or_else(|| named("LOCALAPPDATA"))
        .map(PathBuf::from)
        .or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .context("the cache folder is not known")?;
    Ok(base.join("metascript"))
}
