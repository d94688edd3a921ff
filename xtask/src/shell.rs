//! Running commands, with what is going on said on standard error.

pub mod debian;
pub mod servers;
pub mod venv;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub fn root() -> PathBuf {
    // What cargo says now, not what it said at compile time: clones may share a target folder, and with it this program.
    std::env::var_os("CARGO_MANIFEST_DIR")
        .as_deref()
        .map_or(Path::new(env!("CARGO_MANIFEST_DIR")), Path::new)
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, or `target` at the root.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Where tests leave screenshots and dumps.
pub fn artefacts_dir() -> PathBuf {
    target_dir().join("artefacts")
}

/// The built server binary of the dev profile.
pub fn binary() -> PathBuf {
    target_dir()
        .join("debug")
        .join(format!("metascript{}", std::env::consts::EXE_SUFFIX))
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Says what comes next.
pub fn step(title: &str) {
    eprintln!("\n\u{2500}\u{2500} {title}");
}

/// Runs a command to its end and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    let shown = describe(command);
    let started = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("could not start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` failed ({status})");
    }
    eprintln!("   {shown}  ({:.1} s)", started.elapsed().as_secs_f32());
    Ok(())
}

/// Runs a command, passing its standard output on line by line, each line also given to `line`.
/// Answers whether it succeeded.
pub fn run_watched(command: &mut Command, mut line: impl FnMut(&str)) -> Result<bool> {
    let shown = describe(command);
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{shown}`"))?;
    if let Some(stdout) = child.stdout.take() {
        for text in BufReader::new(stdout).lines() {
            let text = text?;
            println!("{text}");
            line(&text);
        }
    }
    Ok(child.wait()?.success())
}

fn describe(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
