//! The peers: from PyPI, pinned, in the user's cache folder.

use std::path::{Path, PathBuf};
use std::process::Command;

const PEERS: [&str; 2] = ["ruff==0.17.6", "ty==0.0.105"];

/// The folder of the peers' programs; installs what is missing there or has another version.
pub(crate) fn folder() -> Option<PathBuf> {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let venv = cache.join("metascript/peers/venv");
    let python = venv.join("bin/python");
    let made = python.exists() || run(Path::new("python3"), &["-m", "venv", venv.to_str()?]);
    let pip = ["-m", "pip", "install", "--quiet"];
    let installed = made && run(&python, &[&pip[..], &PEERS].concat());
    installed.then(|| venv.join("bin"))
}

fn run(program: &Path, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).status();
    status.is_ok_and(|status| status.success())
}
