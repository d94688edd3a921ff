//! `metascript lsp` beside two other language servers, in one run: the same kind of request, over real pipes, on files of
//! the same number of lines. Then what many scripts cost.
//!
//! `cargo bench --workspace --bench peers` runs this with the release profile; the peers are installed from PyPI if they
//! are not there. `METASCRIPT_BENCH_BINARY` names another server binary to measure, `METASCRIPT_BENCH_REQUESTS` how many
//! requests of each kind (1,000).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

mod install;
mod load;
mod measure;
mod texts;

use std::path::PathBuf;

use measure::{Figures, KINDS, Server, Session};

fn main() {
    // `cargo test --benches` runs this too, to see that it starts: nothing is measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let binary = std::env::var_os("METASCRIPT_BENCH_BINARY").map_or_else(
        || PathBuf::from(env!("CARGO_BIN_EXE_metascript")),
        PathBuf::from,
    );
    let count: usize = std::env::var("METASCRIPT_BENCH_REQUESTS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1000);
    let profile = if cfg!(debug_assertions) {
        "a development build: figures are not those of a release"
    } else {
        "a release build"
    };
    println!("metascript: {} ({profile})", binary.display());
    let mut servers = vec![Server::metascript(&binary)];
    match install::folder() {
        Some(folder) => {
            servers.extend(["ruff", "ty"].map(|name| Server::peer(name, &folder.join(name))));
        }
        None => println!("the peers could not be installed (python3, venv and PyPI are needed)"),
    }
    let mut sessions: Vec<Session> = servers.into_iter().map(Server::start).collect();
    let rows = measure::measure(&mut sessions, count);
    println!(
        "\n{count} requests of each kind at seeded places of a file of {} lines; milliseconds p50 / p99, and how many \
         times metascript's time that is\n",
        texts::LINES
    );
    let names: Vec<&str> = sessions.iter().map(|session| session.name).collect();
    table(&names, &rows);
    drop(sessions);
    load::open_scripts(&binary, 1000);
    load::index(&binary, 5000);
}

fn table(names: &[&str], rows: &[Vec<Option<Figures>>]) {
    print!("{:<26}", "");
    for name in names {
        print!("{name:>34}");
    }
    println!();
    for (kind, row) in KINDS.iter().zip(rows) {
        print!("{:<26}", kind.title());
        let own = row.first().copied().flatten();
        for cell in row {
            let cell = match (cell, own) {
                (Some(found), Some(own)) => format!(
                    "{:.2} / {:.2}  ({:.1}x / {:.1}x)",
                    found.p50,
                    found.p99,
                    found.p50 / own.p50,
                    found.p99 / own.p99
                ),
                (Some(found), None) => format!("{:.2} / {:.2}", found.p50, found.p99),
                (None, _) => "-".to_owned(),
            };
            print!("{cell:>34}");
        }
        println!();
    }
}
