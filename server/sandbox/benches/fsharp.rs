//! How long F# cells take, beside what is promised: the first answer of each of twenty everyday cells, each from a
//! compiler and a session that have not seen it; `1+1` in what runs; the start of a session.
//!
//! `cargo bench --workspace --bench fsharp` prints a table. Words after `--` pick cells by name.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use metascript_sandbox::{
    Access, CellSource, Engine, EngineOptions, Event, FSharpScript, FolderGrant, Language, Limits,
    Policy, Session, SessionOptions, Status,
};

const FIRST: Duration = Duration::from_millis(500);
const WARM: Duration = Duration::from_millis(100);
const START: Duration = Duration::from_millis(5);

fn main() {
    // `cargo test --benches` runs this too, to see that it starts: nothing is measured then.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    println!(
        "{:<34}{:>12}{:>12}{:>12}{:>14}{:>10}",
        "F#", "first", "again", "check", "run after it", "target"
    );
    let mut over = 0;
    for (name, code) in cells() {
        if !wanted.is_empty() && wanted.iter().all(|word| !name.contains(word.as_str())) {
            continue;
        }
        let [first, again, check, checked] = answers(&code);
        over += usize::from(first > FIRST);
        println!(
            "{name:<34}{:>12}{:>12}{:>12}{:>14}{:>10}",
            text(first),
            text(again),
            text(check),
            text(checked),
            text(FIRST)
        );
    }
    println!("{over} of these are over the target");
    if wanted.is_empty() {
        let engine = engine();
        engine.prepare(Language::FSharp).unwrap();
        let folder = tempfile::tempdir().unwrap();
        run(&mut session(&engine, folder.path()), "1+1");
        let mut warm = session(&engine, folder.path());
        for _ in 0..3 {
            run(&mut warm, "1+1");
        }
        let warm = median((0..20).map(|_| run(&mut warm, "1+1")));
        println!(
            "{:<34}{:>12}{:>34}",
            "1+1 in what runs",
            text(warm),
            text(WARM)
        );
        let starts = (0..50).map(|_| {
            let begun = Instant::now();
            session(&engine, folder.path())
                .start(Language::FSharp)
                .unwrap();
            begun.elapsed()
        });
        println!(
            "{:<34}{:>12}{:>34}",
            "start of a session",
            text(median(starts)),
            text(START)
        );
    }
}

fn text(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The twenty cells, by name.
fn cells() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cells/everyday-fsharp");
    let mut cells: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    cells.sort();
    cells
}

fn engine() -> Engine {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = std::env::var_os("METASCRIPT_RUNTIMES")
        .map_or_else(|| target.parent().unwrap().join("runtimes"), PathBuf::from);
    Engine::new(EngineOptions {
        runtimes: Some(folder),
        cache: Some(target.join("bench-cache")),
    })
    .unwrap()
}

fn session(engine: &Engine, folder: &Path) -> Session {
    let policy = Policy {
        name: "bench".to_owned(),
        limits: Limits {
            wall_time: Duration::from_mins(2),
            ..Limits::default()
        },
        folders: vec![FolderGrant {
            path: ".".into(),
            access: Access::Write,
            within: None,
        }],
        ..Policy::strict()
    };
    engine.session_with(SessionOptions {
        policy,
        folder: Some(folder.to_owned()),
        origin: "a bench".to_owned(),
        ..SessionOptions::default()
    })
}

fn run(session: &mut Session, code: &str) -> Duration {
    let begun = Instant::now();
    let mut failed = None;
    let outcome = session
        .evaluate(&CellSource::new(Language::FSharp, code), &mut |event| {
            if let Event::Error(error) = event {
                failed = Some(error.traceback);
            }
        })
        .unwrap();
    assert_eq!(outcome.status, Status::Ok, "{code}\n{failed:?}");
    begun.elapsed()
}

/// The first answer, the second in another session, the errors as an editor shows them, and the first answer where an editor
/// has shown them.
fn answers(code: &str) -> [Duration; 4] {
    // The compiler of an engine that has compiled nothing is as its snapshot is.
    let engine = engine();
    engine.prepare(Language::FSharp).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let first = run(&mut session(&engine, folder.path()), code);
    let again = run(&mut session(&engine, folder.path()), code);
    let other = crate::engine();
    other.prepare(Language::FSharp).unwrap();
    let editor = other.fsharp_editor().unwrap();
    let script = FSharpScript {
        shared: Vec::new(),
        cells: vec![code.into()],
    };
    let begun = Instant::now();
    editor.check(&script, 0);
    let check = begun.elapsed();
    let checked = run(&mut session(&other, folder.path()), code);
    [first, again, check, checked]
}
