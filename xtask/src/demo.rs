//! `cargo xtask demo`: the main job on two fixtures, from nothing.

use std::process::Command;

use anyhow::{Context, Result};

use crate::runtimes;
use crate::shell::{self, cargo, root, step};

/// Builds runtimes and binary, checks one fixture and runs the cells of another.
pub fn run() -> Result<()> {
    step("WebAssembly runtimes (Python, JavaScript, F#)");
    runtimes::build(&[])?;
    step("The binary");
    shell::run(cargo().args(["build", "--workspace", "--all-targets"]))?;
    show(&["check", "fixtures/mistakes.tars"])?;
    show(&["scan", "fixtures/mistakes.tars"])?;
    show(&["run", "fixtures/languages.tars"])
}

/// Runs the product as a user would. Exit code 1 means "found something", which is what the
/// fixture is for.
fn show(arguments: &[&str]) -> Result<()> {
    step(&format!("metascript {}", arguments.join(" ")));
    let status = Command::new(shell::binary())
        .args(arguments)
        .current_dir(root())
        .status()
        .context("could not start the built binary")?;
    match status.code() {
        Some(0 | 1) => Ok(()),
        _ => anyhow::bail!("`metascript {}` failed ({status})", arguments.join(" ")),
    }
}
