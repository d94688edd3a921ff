//! Scanning beside other scanners, in one run.
//!
//! With the suites of `cargo xtask suites` in the cache folder, Bandit's examples are scanned by us, by Bandit and, when
//! there, by `ruff check --select S --preview` and Semgrep; criterion prints the time of each, and a table of processes
//! (start-up, reading and scanning, one thread each, the best of interleaved runs) prints the ratios. Our process is
//! `metascript scan` where METASCRIPT_BIN says where it is, else this bench started again as one that scans a folder. Say
//! with every figure which profile it was built with: `--bench` alone takes the release profile, the test profile is what a
//! contributor has built.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group};
use metascript_security::{
    DocumentScanner, Policy, ScanRequest, Setup, scan, scan_cell, scan_document,
};
use metascript_syntax::{Document, TextEdit};

fn suites() -> Option<PathBuf> {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let folder = std::env::var_os("METASCRIPT_SUITES").map_or_else(
        || {
            std::env::var_os("XDG_CACHE_HOME")
                .map_or_else(home, PathBuf::from)
                .join("metascript/suites")
        },
        PathBuf::from,
    );
    folder
        .join("bandit-1.9.4/examples")
        .exists()
        .then_some(folder)
}

fn bandit_examples(c: &mut Criterion) {
    let Some(folder) = suites() else { return };
    let examples = folder.join("bandit-1.9.4/examples");
    let files: Vec<String> = std::fs::read_dir(&examples)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "py"))
        .map(|p| String::from_utf8_lossy(&std::fs::read(p).unwrap()).into_owned())
        .collect();
    let mut group = c.benchmark_group("bandit examples");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500));
    group.bench_function("metascript, one thread", |b| {
        b.iter(|| {
            files
                .iter()
                .map(|f| scan(&ScanRequest::new("python", f)).len())
                .sum::<usize>()
        });
    });
    group.finish();
}

/// The environment variable that makes this program scan a folder as a process of its own.
const SCAN_FOLDER: &str = "METASCRIPT_BENCH_SCAN";

/// Scans the Python files of a folder as `metascript scan` does, and says how much there is.
fn scan_folder(folder: &Path) -> usize {
    let setup = Setup::default();
    std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "py"))
        .map(|p| {
            let text = String::from_utf8_lossy(&std::fs::read(p).unwrap()).into_owned();
            setup.scan_code("python", &text).len()
        })
        .sum()
}

/// A scanner as a process, and how often it is run: the slow ones seldom.
fn processes(folder: &Path, examples: &Path) -> Vec<(&'static str, usize, Command)> {
    let mut out = Vec::new();
    let mut ours = if let Some(binary) = std::env::var_os("METASCRIPT_BIN") {
        let mut command = Command::new(binary);
        command.args(["scan", "--policy", "strict"]).arg(examples);
        command
    } else {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.env(SCAN_FOLDER, examples);
        command
    };
    ours.env("RAYON_NUM_THREADS", "1");
    out.push(("metascript", 40, ours));
    let tools: [(&str, usize, &str, &[&str]); 3] = [
        (
            "ruff",
            40,
            "venv/bin",
            &[
                "check",
                "--select",
                "S",
                "--preview",
                "--no-cache",
                "--isolated",
                "--quiet",
            ],
        ),
        ("bandit", 2, "venv/bin", &["-q", "-r"]),
        (
            "semgrep",
            2,
            "semgrep-venv/bin",
            &[
                "scan",
                "--jobs=1",
                "--metrics=off",
                "--disable-version-check",
                "--quiet",
                "--config",
                "semgrep-rules.yaml",
            ],
        ),
    ];
    for (tool, runs, environment, args) in tools {
        let program = folder.join(environment).join(tool);
        if program.exists() {
            let mut command = Command::new(&program);
            command
                .env("RAYON_NUM_THREADS", "1")
                .args(args)
                .arg(examples)
                .current_dir(folder);
            out.push((tool, runs, command));
        }
    }
    out
}

/// The best time of each scanner, run in turns so that a busy minute hits all of them.
fn beside_others(_: &mut Criterion) {
    // `cargo test` only tries whether the benches run.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    let Some(folder) = suites() else { return };
    let mut all = processes(&folder, &folder.join("bandit-1.9.4/examples"));
    let mut best = vec![Duration::MAX; all.len()];
    let most = all.iter().map(|(_, runs, _)| *runs).max().unwrap_or(0);
    for turn in 0..most {
        for ((_, runs, command), best) in all.iter_mut().zip(&mut best) {
            if turn < *runs {
                let start = Instant::now();
                command
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .unwrap();
                *best = (*best).min(start.elapsed());
            }
        }
    }
    let ours = best[0].as_secs_f64();
    println!("processes on Bandit's examples, one thread, best of several runs");
    for ((name, runs, _), best) in all.iter().zip(&best) {
        let time = best.as_secs_f64();
        println!(
            "{name:>12} {:>9.1} ms  {:>7.2} times ours  ({runs} runs)",
            time * 1000.0,
            time / ours
        );
    }
}

/// A keystroke in one cell of a script with a hundred.
fn keystroke(c: &mut Criterion) {
    let cell = "PYTHON {\nimport subprocess\ndef run(name):\n    return subprocess.run([\"ls\", name])\nprint(run(\"src\"))\n}\n\n";
    let document = Document::parse(&cell.repeat(100));
    let target = document.cells()[50].code.start;
    let edited = document.edited(&[TextEdit {
        range: target..target,
        text: "#".into(),
    }]);
    let changed = edited.cells()[50].clone();
    let policy = Policy::default();
    c.bench_function("scan of the changed cell", |b| {
        b.iter(|| scan_cell(&edited, &changed, &policy));
    });
    // What the editor does: every keystroke gives a text that was not seen before.
    let typed: Vec<Document> = (0..64)
        .map(|n| {
            document.edited(&[TextEdit {
                range: target..target,
                text: format!("x{n} = {n}\n"),
            }])
        })
        .collect();
    let mut scanner = DocumentScanner::new(Arc::new(Setup::default()));
    scanner.scan(&document);
    let mut turn = 0;
    c.bench_function(
        "findings of a script of a hundred cells after a keystroke",
        |b| {
            b.iter(|| {
                turn += 1;
                scanner.scan(&typed[turn % typed.len()])
            });
        },
    );
    c.bench_function(
        "findings of a script of a hundred cells, from nothing",
        |b| b.iter(|| scan_document(&document, &policy)),
    );
}

criterion_group!(benches, bandit_examples, beside_others, keystroke);

fn main() {
    if let Some(folder) = std::env::var_os(SCAN_FOLDER) {
        println!("{}", scan_folder(Path::new(&folder)));
        return;
    }
    benches();
    Criterion::default().configure_from_args().final_summary();
}
