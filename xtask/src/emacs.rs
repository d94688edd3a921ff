//! The set-up of `docs/editors/emacs.md`, tried in a real Emacs: the page's own code, a script, a run cell.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{self, root};

/// A script with something to report and a cell to run.
const SCRIPT: &str =
    "VARIABLE lines {\n    valu: 1\n}\n\nPYTHON {\n    print(\"forty-two\", 40 + 2)\n}\n\n";

/// Runs the checks with the server that was built. `None` where no Emacs with Eglot is to be had.
pub fn test() -> Result<Option<(u32, u32)>> {
    if !(has_eglot() || install() && has_eglot()) {
        return Ok(None);
    }
    let binary = crate::neovim::server()?;
    let folder = binary.parent().context("the server has no folder")?;
    let scratch = shell::target_dir().join("emacs-test");
    fs::create_dir_all(&scratch)?;
    let script = scratch.join("smoke.tars");
    fs::write(&script, SCRIPT)?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    let output = Command::new("emacs")
        .args(["--batch", "-l"])
        .arg(root().join("tests/emacs/smoke.el"))
        .env("PATH", std::env::join_paths(paths)?)
        .env("METASCRIPT_PAGE", root().join("docs/editors/emacs.md"))
        .env("METASCRIPT_SCRIPT", &script)
        .env("METASCRIPT_RUNTIMES", shell::target_dir().join("runtimes"))
        .current_dir(&scratch)
        .output()
        .context("Emacs does not start")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{text}");
    let count = |word: &str| {
        let lines = text.lines().filter(|line| line.starts_with(word)).count();
        u32::try_from(lines).unwrap_or(u32::MAX)
    };
    let tally = (count("ok "), count("FAILED "));
    ensure!(
        output.status.success() && tally.0 + tally.1 > 0,
        "Emacs did not get to the end: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(Some(tally))
}

fn has_eglot() -> bool {
    Command::new("emacs")
        .args([
            "--batch",
            "--eval",
            "(progn (require 'package) (package-initialize) (require 'eglot))",
        ])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// From Debian's packages, where this user may install them.
fn install() -> bool {
    shell::run(Command::new("apt-get").args([
        "install",
        "--yes",
        "--no-install-recommends",
        "-o",
        "Acquire::http::Timeout=20",
        "emacs-nox",
        "elpa-eglot",
    ]))
    .is_ok()
}
