//! Finding a Rust toolchain that can compile for the sandbox. No program runs for that: a toolchain is its folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The variable that names the `rustc` to use.
pub(crate) const VARIABLE: &str = "METASCRIPT_RUSTC";

/// What cells are compiled for.
pub(crate) const TARGET: &str = "wasm32-wasip1";

/// What a machine without a toolchain needs.
const HOW: &str = "Install Rust 1.85 or newer from https://rustup.rs and run `rustup target add wasm32-wasip1` (Debian, Ubuntu: \
                   `apt install rustc libstd-rust-dev-wasm32 lld`); METASCRIPT_RUSTC names another rustc";

/// A compiler and the folder with its libraries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toolchain {
    pub(crate) rustc: PathBuf,
    pub(crate) sysroot: PathBuf,
}

impl Toolchain {
    /// Names the compiler for cache keys: another version is another file.
    pub(crate) fn fingerprint(&self) -> String {
        let about = std::fs::metadata(&self.rustc).ok();
        let changed = about.as_ref().and_then(|about| about.modified().ok());
        format!(
            "{} {:?} {:?}",
            self.rustc.display(),
            about.map(|about| about.len()),
            changed
        )
    }

    fn at(rustc: PathBuf) -> Option<Self> {
        let sysroot = rustc.parent()?.parent()?.to_owned();
        Some(Self { rustc, sysroot })
    }

    /// Whether the standard library for the sandbox is installed.
    fn has_target(&self) -> bool {
        let libraries = self.sysroot.join("lib/rustlib").join(TARGET).join("lib");
        libraries.is_dir()
    }
}

/// The first toolchain that has the target, or a sentence that says what is missing.
pub(crate) fn find() -> Result<Toolchain, String> {
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty());
    let found = match &named {
        Some(path) => {
            let path = PathBuf::from(path);
            if !path.is_file() {
                return Err(format!(
                    "{VARIABLE} names {}, which is no file. {HOW}",
                    path.display()
                ));
            }
            resolve(&path)
        }
        None => candidates(),
    };
    let mut seen = BTreeSet::new();
    let mut lacking = Vec::new();
    for toolchain in found {
        if !seen.insert(toolchain.rustc.clone()) {
            continue;
        }
        if toolchain.has_target() {
            return Ok(toolchain);
        }
        lacking.push(toolchain.sysroot.display().to_string());
    }
    if lacking.is_empty() {
        Err(format!("no Rust toolchain was found. {HOW}"))
    } else {
        Err(format!(
            "the target {TARGET} is missing in {}. {HOW}",
            lacking.join(", ")
        ))
    }
}

fn candidates() -> Vec<Toolchain> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<Toolchain> = std::env::split_paths(&path)
        .map(|folder| folder.join(format!("rustc{}", std::env::consts::EXE_SUFFIX)))
        .filter(|file| file.is_file())
        .flat_map(|file| resolve(&file))
        .collect();
    // An editor that was not started from a shell does not have cargo's folder in its path.
    if let Some(home) = rustup_home() {
        found.extend(of_rustup(&home));
    }
    found
}

/// The toolchain of a `rustc`, or those of rustup if that is what stands behind it.
fn resolve(rustc: &Path) -> Vec<Toolchain> {
    let Ok(file) = rustc.canonicalize() else {
        return Vec::new();
    };
    let beside = |name: &str| {
        file.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
            .is_file()
    };
    if file.file_stem().is_some_and(|name| name == "rustup") || beside("rustup") {
        return rustup_home().map_or_else(Vec::new, |home| of_rustup(&home));
    }
    Toolchain::at(file).into_iter().collect()
}

fn rustup_home() -> Option<PathBuf> {
    if let Some(home) = std::env::var_os("RUSTUP_HOME").filter(|home| !home.is_empty()) {
        return Some(home.into());
    }
    etcetera::home_dir().ok().map(|home| home.join(".rustup"))
}

/// Rustup's toolchains, the default one first.
fn of_rustup(home: &Path) -> Vec<Toolchain> {
    let default = std::fs::read_to_string(home.join("settings.toml"))
        .ok()
        .and_then(|text| text.parse::<toml::Table>().ok())
        .and_then(|settings| Some(settings.get("default_toolchain")?.as_str()?.to_owned()));
    let Ok(entries) = std::fs::read_dir(home.join("toolchains")) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.sort();
    folders.sort_by_key(|folder| {
        let name = folder.file_name().map(|name| name.to_string_lossy());
        name.as_deref() != default.as_deref()
    });
    folders
        .into_iter()
        .map(|folder| folder.join(format!("bin/rustc{}", std::env::consts::EXE_SUFFIX)))
        .filter_map(|file| Toolchain::at(file.canonicalize().ok()?))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn rustups_default_toolchain_comes_first() {
        let home = tempfile::tempdir().unwrap();
        for name in ["alpha", "beta", "stable"] {
            let bin = home.path().join("toolchains").join(name).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(
                bin.join(format!("rustc{}", std::env::consts::EXE_SUFFIX)),
                "",
            )
            .unwrap();
        }
        std::fs::write(
            home.path().join("settings.toml"),
            "default_toolchain = \"stable\"\n",
        )
        .unwrap();
        let found = of_rustup(home.path());
        let names: Vec<_> = found
            .iter()
            .map(|one| {
                one.sysroot
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        assert_eq!(names, ["stable", "alpha", "beta"]);
        assert!(found.iter().all(|one| !one.has_target()));
    }
}
