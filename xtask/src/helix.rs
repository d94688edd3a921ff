//! The set-up of `docs/editors/helix.md`, tried in a real Helix: the page's own files and commands, a script, a run cell.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{self, debian, root, venv};

/// Runs the checks with the server that was built. `None` where no Helix is to be had.
pub fn test() -> Result<Option<(u32, u32)>> {
    let Some(helix) = helix() else {
        return Ok(None);
    };
    let server = crate::neovim::server()?;
    let scratch = shell::target_dir().join("helix-test");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch)?;
    let folder = root().join("tests/helix");
    let tools = venv::programs("helix-test", &folder.join("requirements.txt"))?;
    let mut paths = vec![
        server
            .parent()
            .context("the server has no folder")?
            .to_owned(),
        helix.parent().context("Helix has no folder")?.to_owned(),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    paths.extend(std::env::split_paths(&path));
    let mut tally = (0, 0);
    let ended = shell::run_watched(
        Command::new(tools.join("python"))
            .arg(folder.join("smoke.py"))
            .arg(root())
            .arg(&scratch)
            .env("PATH", std::env::join_paths(paths)?)
            .env("METASCRIPT_RUNTIMES", shell::target_dir().join("runtimes")),
        |line| {
            tally.0 += u32::from(line.starts_with("ok "));
            tally.1 += u32::from(line.starts_with("FAILED "));
        },
    )?;
    ensure!(
        ended && tally.0 + tally.1 > 0,
        "the checks in Helix did not get to their end"
    );
    Ok(Some(tally))
}

/// A Helix of this machine, or that of Debian's newest packages.
fn helix() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join("hx"))
        .find(runs)
        .or_else(|| unpacked().ok().filter(runs))
}

fn runs(program: &PathBuf) -> bool {
    Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// A program that starts Debian's Helix with the libraries that it was built for.
fn unpacked() -> Result<PathBuf> {
    let root = debian::unpacked(&["hx", "libc6", "libgcc-s1"])?;
    let (loader, libraries) = debian::loader(&root)?;
    let helix = root.join("usr/lib/hx");
    let starter = root.join("hx");
    fs::write(
        &starter,
        format!(
            "#!/bin/sh\nHELIX_RUNTIME='{helix}/runtime' exec '{loader}' --library-path '{libraries}' '{helix}/hx' \"$@\"\n",
            helix = helix.display(),
            loader = loader.display(),
        ),
    )?;
    shell::run(Command::new("chmod").arg("+x").arg(&starter))?;
    Ok(starter)
}
