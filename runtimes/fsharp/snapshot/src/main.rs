//! Warms the F# compiler up and keeps what it then remembers:
//! `metascript-snapshot COLD.wasm FOLDER-OF-CELLS WARM.wasm`.
//!
//! A cold compiler needs half a minute for its first cell: it reads .NET's metadata and meets every part of F# for the
//! first time. Here it compiles the cells of a folder, and its memory afterwards becomes the component's initial
//! memory.

#![allow(
    clippy::print_stderr,
    reason = "this is a tool for a terminal, which says how far it is"
)]

mod instance;
mod nested;
mod warm;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

fn main() -> Result<()> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [cold, cells, warm] = arguments.as_slice() else {
        bail!("usage: metascript-snapshot COLD.wasm FOLDER-OF-CELLS WARM.wasm");
    };
    let cells = warm::cells(cells)?;
    let component =
        std::fs::read(cold).with_context(|| format!("could not read {}", cold.display()))?;
    let begun = Instant::now();
    let whole = nested::Composed::read(&component)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let inner = runtime.block_on(warm::up(whole.inner(), &cells))?;
    let made = whole.with(&inner);
    std::fs::write(warm, &made).with_context(|| format!("could not write {}", warm.display()))?;
    eprintln!(
        "   F# compiler, warm: {} MiB in {:.1} s",
        made.len() >> 20,
        begun.elapsed().as_secs_f32()
    );
    Ok(())
}
