//! The command line as a user meets it: output, exit codes, bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod ai;
mod cell_services;
mod check;
mod policy;
mod real_servers;
mod run;
mod scan;
mod session;

use std::path::Path;
use std::process::{Command, Output};

/// What one call of the binary did.
struct Outcome {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

fn metascript<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    outcome(Command::new(env!("CARGO_BIN_EXE_metascript")).args(arguments))
}

fn metascript_in<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
    outcome(
        Command::new(env!("CARGO_BIN_EXE_metascript"))
            .args(arguments)
            .current_dir(folder),
    )
}

fn outcome(command: &mut Command) -> Outcome {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    Outcome {
        code: status.code(),
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    }
}

#[test]
fn help_teaches_with_examples_and_exit_codes() {
    let help = metascript(["--help"]);
    assert_eq!(help.code, Some(0));
    for word in [
        "Examples:",
        "Exit codes:",
        "metascript check .",
        "metascript run hello.tars",
    ] {
        assert!(help.stdout.contains(word), "{}", help.stdout);
    }
}

#[test]
fn completions_exist_for_the_usual_shells() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = metascript(["completions", shell]);
        assert_eq!(script.code, Some(0));
        assert!(script.stdout.contains("check"), "{shell}");
    }
}

#[test]
fn explain_knows_the_codes_it_lists() {
    let list = metascript(["explain"]);
    assert_eq!(list.code, Some(0));
    let codes: Vec<&str> = list
        .stdout
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(codes.len() >= 10, "{}", list.stdout);
    // Each family of codes once in a while: a process for each of hundreds would take minutes.
    for code in codes.iter().step_by(9) {
        let page = metascript(["explain", code]);
        assert_eq!(page.code, Some(0), "{code}");
        assert!(page.stdout.contains(code), "{code}");
    }
    let unknown = metascript(["explain", "MS9999"]);
    assert_eq!(unknown.code, Some(2));
    assert!(
        unknown.stderr.contains("no code `MS9999`"),
        "{}",
        unknown.stderr
    );
}
