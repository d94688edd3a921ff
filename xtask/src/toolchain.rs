//! The part of a Rust toolchain that Rust cells are compiled with.

use std::path::PathBuf;
use std::process::Command;

const TARGET: &str = "wasm32-wasip1";

/// Installs the target into the toolchain that builds this repository, if rustup can. Without it Rust cells cannot run,
/// and their tests look for the message that says so.
pub fn provide() {
    if installed() {
        eprintln!("   the Rust toolchain has the target {TARGET}");
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status()
        .is_ok_and(|status| status.success());
    if added && installed() {
        eprintln!("   rustup has added the target {TARGET}");
    } else {
        eprintln!(
            "   warning: the Rust toolchain has no target {TARGET} and rustup could not add it: Rust cells will not run; their \
             tests only check the message that says so"
        );
    }
}

fn installed() -> bool {
    Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .is_ok_and(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}
