//! `cargo xtask <task>`: everything a contributor runs.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a tool for a terminal"
)]

mod demo;
mod emacs;
mod fuzz;
mod grammar;
mod helix;
mod neovim;
mod package;
mod runtimes;
mod shell;
mod suites;
mod tests;
mod toolchain;
mod vscode;
mod zed;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the Metascript repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything, check one fixture and run the cells of another
    Demo,
    /// Run every check and every test; ends with `N passed, N failed`
    Test,
    /// Build the WebAssembly runtimes (all, or the named ones)
    Runtimes {
        /// For example `python`
        only: Vec<String>,
    },
    /// Generate the parser from grammar/grammar.js
    Grammar {
        /// Fail when the committed parser is not current, change nothing
        #[arg(long)]
        check: bool,
    },
    /// Build the VS Code extension
    Vscode,
    /// Run the tests in a real VS Code
    VscodeTest,
    /// Print how quick the extension is in a real VS Code
    VscodeBench,
    /// Try the set-up of docs/editors/emacs.md in a real Emacs
    EmacsTest,
    /// Try the set-up of docs/editors/helix.md in a real Helix
    HelixTest,
    /// Build the extension of docs/editors/zed.md, and try its queries
    ZedTest,
    /// Run the tests in a real Neovim
    NeovimTest,
    /// Make what users install, in target/packages: the server's archive, the extension, the plugin for Neovim
    Package,
    /// Make the packages of the dev build, install each in a clean folder and run a cell from there
    PackageTest,
    /// Fetch the suites of other scanners for the acceptance tests
    Suites,
    /// Fuzz the parser, the scanner of cells or the formatter (needs cargo-fuzz and a nightly compiler)
    Fuzz {
        /// `parser`, `scanner` or `formatter`
        target: String,
        /// For so many seconds
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Run all benches
    Bench,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().task) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<bool> {
    match task {
        Task::Demo => demo::run()?,
        Task::Test => {
            let tally = tests::run();
            println!("\n{} passed, {} failed", tally.passed, tally.failed);
            return Ok(tally.failed == 0);
        }
        Task::Runtimes { only } => runtimes::build(only)?,
        Task::Grammar { check } => grammar::generate(*check)?,
        Task::Vscode => vscode::build()?,
        Task::VscodeTest => return Ok(closing_line(vscode::test()?)),
        Task::VscodeBench => return Ok(closing_line(vscode::bench()?)),
        Task::EmacsTest => match emacs::test()? {
            Some(tally) => return Ok(closing_line(tally)),
            None => println!("no Emacs with Eglot is to be had here: left out"),
        },
        Task::HelixTest => match helix::test()? {
            Some(tally) => return Ok(closing_line(tally)),
            None => println!("no Helix is to be had here: left out"),
        },
        Task::ZedTest => zed::test()?,
        Task::NeovimTest => return Ok(closing_line(neovim::test()?)),
        Task::Package => {
            package::make(package::Profile::Release)?;
        }
        Task::PackageTest => return Ok(closing_line(package::test()?)),
        Task::Suites => suites::run()?,
        Task::Fuzz { target, seconds } => fuzz::run(target, *seconds)?,
        Task::Bench => shell::run(shell::cargo().args(["bench", "--workspace"]))?,
    }
    Ok(true)
}

fn closing_line((passed, failed): (u32, u32)) -> bool {
    println!("{passed} passed, {failed} failed");
    failed == 0
}
