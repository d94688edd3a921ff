//! Start of a session and a warm `1+1`, beside a spawned `python3 -c` and `node -e` of the same machine.
//!
//! Prints the median of each and, for each language, how many times faster than its peer it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion};
use metascript_sandbox::{CellSource, Engine, EngineOptions, Language, Limits};

const LANGUAGES: [Language; 4] = [
    Language::Python,
    Language::JavaScript,
    Language::TypeScript,
    Language::FSharp,
];

fn engine() -> Engine {
    let folder = std::env::var_os("METASCRIPT_RUNTIMES").map_or_else(
        || {
            PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                .parent()
                .unwrap()
                .join("runtimes")
        },
        PathBuf::from,
    );
    assert!(
        folder.is_dir(),
        "{} is missing: run `cargo xtask runtimes` first",
        folder.display()
    );
    let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("bench-cache");
    Engine::new(EngineOptions {
        runtimes: Some(folder),
        cache: Some(cache),
    })
    .unwrap()
}

/// The program and arguments that do the same in a process of their own.
fn peer(language: Language) -> Option<Command> {
    let (program, flag, code) = match language {
        Language::Python => ("python3", "-c", "print(1+1)"),
        Language::JavaScript => ("node", "-e", "console.log(1+1)"),
        _ => return None,
    };
    let mut command = Command::new(program);
    command
        .args([flag, code])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
        .status()
        .is_ok_and(|status| status.success())
        .then_some(command)
}

fn median(times: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut all: Vec<Duration> = (0..times).map(|_| run()).collect();
    all.sort_unstable();
    all[all.len() / 2]
}

fn timed(run: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    run();
    begun.elapsed()
}

/// Medians of one run side by side, and their ratios.
fn compare(engine: &Engine) {
    println!("\nlanguage     start + 1+1   warm 1+1      peer process   start ratio   warm ratio");
    for language in LANGUAGES {
        let cell = CellSource::new(language, "1+1");
        let start = median(31, || {
            timed(|| {
                let mut session = engine.session(Limits::default());
                session.evaluate(&cell, &mut |_| {}).unwrap();
            })
        });
        let mut session = engine.session(Limits::default());
        session.evaluate(&cell, &mut |_| {}).unwrap();
        // A cell of F# is compiled each time.
        let rounds = if language == Language::FSharp {
            31
        } else {
            301
        };
        let warm = median(rounds, || {
            timed(|| drop(session.evaluate(&cell, &mut |_| {}).unwrap()))
        });
        let process = peer(language).map(|mut command| {
            median(11, || {
                timed(|| assert!(command.status().unwrap().success()))
            })
        });
        let ratio = |ours: Duration| {
            process.map_or("-".to_owned(), |process| {
                format!("{:.0}x", process.as_secs_f64() / ours.as_secs_f64())
            })
        };
        println!(
            "{:<12} {:<13} {:<13} {:<14} {:<13} {}",
            language.as_str(),
            format!("{start:.2?}"),
            format!("{warm:.2?}"),
            process.map_or("not installed".to_owned(), |process| format!(
                "{process:.2?}"
            )),
            ratio(start),
            ratio(warm),
        );
    }
    println!();
}

fn main() {
    let engine = engine();
    for language in LANGUAGES {
        engine.prepare(language).unwrap();
    }
    compare(&engine);
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    for language in LANGUAGES {
        let cell = CellSource::new(language, "1+1");
        criterion.bench_function(&format!("session start and 1+1, {language}"), |bench| {
            bench.iter_batched(
                || engine.session(Limits::default()),
                |mut session| session.evaluate(&cell, &mut |_| {}).unwrap(),
                BatchSize::PerIteration,
            );
        });
        let mut session = engine.session(Limits::default());
        criterion.bench_function(&format!("warm 1+1, {language}"), |bench| {
            bench.iter(|| session.evaluate(&cell, &mut |_| {}).unwrap());
        });
    }
    criterion.final_summary();
}
