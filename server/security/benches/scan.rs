//! Scanning beside other scanners, in one run.
//!
//! With the suites of `cargo xtask suites` in the cache folder, Bandit's examples are scanned by us, by Bandit and, when
//! there, by `ruff check --select S --preview` and Semgrep; criterion prints the time of each. Say with every figure which
//! profile it was built with: `--bench` alone takes the release profile, the test profile is what a contributor has built.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
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
    let tools: [(&str, &[&str]); 3] = [
        (
            "ruff",
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
        ("bandit", &["-q", "-r"]),
        (
            "semgrep",
            &[
                "scan",
                "--metrics=off",
                "--disable-version-check",
                "--quiet",
                "--config",
                "semgrep-rules.yaml",
            ],
        ),
    ];
    for (tool, args) in tools {
        let venv = if tool == "semgrep" {
            "semgrep-venv/bin"
        } else {
            "venv/bin"
        };
        let program = folder.join(venv).join(tool);
        if !program.exists() {
            continue;
        }
        group.bench_function(tool, |b| {
            b.iter(|| {
                Command::new(&program)
                    // One thread, as we are measured.
                    .env("RAYON_NUM_THREADS", "1")
                    .args(args)
                    .arg(&examples)
                    .current_dir(&folder)
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .status()
                    .unwrap()
            });
        });
    }
    group.finish();
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
        b.iter(|| scan_cell(&edited, &changed, &policy))
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

criterion_group!(benches, bandit_examples, keystroke);
criterion_main!(benches);
