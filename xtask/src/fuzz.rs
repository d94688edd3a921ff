//! Fuzzing of the parser, the scanner of cells and the formatter, with the fixtures as seeds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{self, root, step, target_dir};

/// What can be fuzzed.
const TARGETS: [&str; 3] = ["parser", "scanner", "formatter"];

/// Fuzzes a target for so many seconds. What it finds is in `target/fuzz/artifacts`; an input that is mended goes to
/// `server/syntax/fuzz/regressions`, which the tests replay.
pub fn run(target: &str, seconds: u32) -> Result<()> {
    ensure!(
        TARGETS.contains(&target),
        "there is no target `{target}`; there are {}",
        TARGETS.join(", ")
    );
    let cargo_fuzz = Command::new("cargo").args(["fuzz", "--version"]).output();
    ensure!(
        cargo_fuzz.is_ok_and(|output| output.status.success()),
        "cargo-fuzz is not installed; get it with `cargo install cargo-fuzz`, and a nightly compiler with `rustup toolchain install nightly`"
    );
    let folder = target_dir().join("fuzz");
    let corpus = folder.join("corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let artefacts = folder.join("artifacts").join(target);
    std::fs::create_dir_all(&artefacts)?;
    step("Seeds");
    let mut seeds = Vec::new();
    files(&root().join("fixtures"), &mut seeds)?;
    files(
        &root().join("server/syntax/fuzz/regressions").join(target),
        &mut seeds,
    )?;
    for seed in &seeds {
        let name = seed
            .strip_prefix(root())
            .unwrap_or(seed)
            .display()
            .to_string();
        std::fs::copy(seed, corpus.join(name.replace(['/', '\\'], "_")))
            .with_context(|| format!("copying {}", seed.display()))?;
    }
    println!("   {} files", seeds.len());
    step("Fuzzing");
    let crate_folder = root().join("server/syntax/fuzz");
    shell::run(
        Command::new("cargo")
            .current_dir(&crate_folder)
            .args([
                "+nightly",
                "fuzz",
                "run",
                "--sanitizer",
                "none",
                "--fuzz-dir",
                ".",
                target,
            ])
            .arg(&corpus)
            .arg("--")
            .arg(format!("-max_total_time={seconds}"))
            .arg("-max_len=2000")
            .arg("-timeout=10")
            .arg(format!(
                "-dict={}",
                crate_folder.join("dictionary").display()
            ))
            .arg(format!("-artifact_prefix={}/", artefacts.display()))
            .env("CARGO_TARGET_DIR", folder.join("build")),
    )
    .with_context(|| {
        format!(
            "what broke the {target}, if anything did, is in {}",
            artefacts.display()
        )
    })
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?
    {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}
