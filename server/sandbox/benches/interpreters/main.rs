//! Cells beside interpreters that people use: how long a start takes, how long `1+1` takes in what runs already, what a live
//! session weighs, and how exactly limits hold. Everything in one run, the peers from PyPI and npm.
//!
//! `cargo bench --workspace --bench interpreters` prints medians and 99th percentiles, and for each peer how many times our
//! time it takes. `METASCRIPT_BENCH_SESSIONS` says how many sessions are held at once (1,000).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod figures;
mod limits;
mod ours;
mod peers;
mod weight;

use std::path::PathBuf;

use metascript_sandbox::{Engine, EngineOptions, Language};

use crate::figures::{Figures, Row};

fn main() {
    // `cargo test --benches` runs this too, to see that it starts: nothing is measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let engine = engine();
    println!(
        "metascript: {}",
        if cfg!(debug_assertions) {
            "a development build: figures are not those of a release"
        } else {
            "a release build"
        }
    );
    let peers = peers::Peers::install();
    for language in [
        Language::Python,
        Language::JavaScript,
        Language::TypeScript,
        Language::FSharp,
    ] {
        compare(&engine, &peers, language);
    }
    limits::print(&engine);
    weight::print(&engine);
}

fn engine() -> Engine {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = std::env::var_os("METASCRIPT_RUNTIMES")
        .map_or_else(|| target.parent().unwrap().join("runtimes"), PathBuf::from);
    assert!(
        folder.is_dir(),
        "{} is missing: run `cargo xtask runtimes` first",
        folder.display()
    );
    Engine::new(EngineOptions {
        runtimes: Some(folder),
        cache: Some(target.join("bench-cache")),
    })
    .unwrap()
}

/// Prints start and round trip of a language beside its peers.
fn compare(engine: &Engine, peers: &peers::Peers, language: Language) {
    println!("\n{language}");
    let mine = Row {
        name: "metascript".to_owned(),
        start: ours::start(engine, language),
        first: Some(ours::first(engine, language)),
        warm: ours::warm(engine, language),
    };
    println!(
        "{:<28}{:>22}{:>26}{:>34}",
        "", "start", "start and 1+1", "1+1 in what runs, p50 / p99"
    );
    println!("{}", mine.text(&mine));
    for peer in peers.of(language) {
        println!("{}", peer.text(&mine));
    }
}

/// Figures of nothing.
fn none() -> Figures {
    Figures::default()
}
