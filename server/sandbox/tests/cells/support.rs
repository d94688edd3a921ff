//! A notebook in a test: cells go in, the text that a user would see comes out.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use metascript_sandbox::{
    Bundle, CellError, CellSource, Engine, EngineOptions, Event, Language, Limits, Outcome,
    Session, Status, StreamName,
};

/// The folder that `cargo xtask runtimes` fills.
pub(crate) fn runtimes() -> PathBuf {
    let folder = std::env::var_os("METASCRIPT_RUNTIMES").map_or_else(
        || {
            PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
                .parent()
                .unwrap()
                .join("runtimes")
        },
        PathBuf::from,
    );
    for language in Language::ALL {
        // Its runtime is a toolchain of the machine.
        if language == Language::Rust {
            continue;
        }
        let file = folder.join(format!("{}.wasm", language.home().as_str()));
        assert!(
            file.is_file(),
            "{} is missing: run `cargo xtask runtimes` first",
            file.display()
        );
    }
    folder
}

/// The engine of all tests; what it compiles is kept between test runs.
pub(crate) fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let cache = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sandbox-cache");
        Engine::new(EngineOptions {
            runtimes: Some(runtimes()),
            cache: Some(cache),
        })
        .unwrap()
    })
}

/// Limits that a busy machine does not run into by accident.
pub(crate) fn patient() -> Limits {
    Limits {
        wall_time: Duration::from_mins(1),
        ..Limits::default()
    }
}

/// What a cell did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
}

impl Run {
    pub(crate) fn stdout(&self) -> String {
        self.stream(StreamName::Stdout)
    }

    pub(crate) fn stderr(&self) -> String {
        self.stream(StreamName::Stderr)
    }

    fn stream(&self, wanted: StreamName) -> String {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Stream { name, text } if *name == wanted => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn result(&self) -> Option<&Bundle> {
        self.events.iter().find_map(|event| match event {
            Event::Result(bundle) => Some(bundle),
            _ => None,
        })
    }

    /// The plain text of the result; fails with the cell's error if there is none.
    #[track_caller]
    pub(crate) fn text(&self) -> &str {
        match self.result().and_then(|bundle| bundle.text("text/plain")) {
            Some(text) => text,
            None => panic!("no result:\n{}", self.picture()),
        }
    }

    #[track_caller]
    pub(crate) fn error(&self) -> &CellError {
        self.events
            .iter()
            .find_map(|event| match event {
                Event::Error(error) => Some(error),
                _ => None,
            })
            .unwrap_or_else(|| panic!("no error:\n{}", self.picture()))
    }

    /// All of it as text.
    pub(crate) fn picture(&self) -> String {
        let mut text = String::new();
        for event in &self.events {
            match event {
                Event::Stream {
                    name: StreamName::Stdout,
                    text: piece,
                } => text.push_str(piece),
                Event::Stream {
                    name: StreamName::Stderr,
                    text: piece,
                } => {
                    for line in piece.lines() {
                        let _ = writeln!(text, "stderr: {line}");
                    }
                }
                Event::Display(bundle) => {
                    for (mime, content) in &bundle.representations {
                        let _ = writeln!(text, "display {mime}: {content:?}");
                    }
                }
                Event::Result(bundle) => {
                    let _ = writeln!(
                        text,
                        "=> {}",
                        bundle.text("text/plain").unwrap_or("(no text)")
                    );
                }
                Event::Error(error) => text.push_str(&error.traceback),
                _ => {}
            }
        }
        if self.outcome.status != Status::Ok {
            let _ = writeln!(text, "[{:?}]", self.outcome.status);
        }
        text
    }
}

/// Runs a cell that stands in `demo.tars` from line 11 on (10, counted from zero).
pub(crate) fn run(session: &mut Session, language: Language, code: &str) -> Run {
    run_cell(
        session,
        &CellSource::new(language, code).at("demo.tars", 10),
    )
}

pub(crate) fn run_cell(session: &mut Session, cell: &CellSource) -> Run {
    let mut events = Vec::new();
    let outcome = session
        .evaluate(cell, &mut |event| events.push(event))
        .unwrap();
    Run { outcome, events }
}

pub(crate) fn py(session: &mut Session, code: &str) -> Run {
    run(session, Language::Python, code)
}

pub(crate) fn js(session: &mut Session, code: &str) -> Run {
    run(session, Language::JavaScript, code)
}

pub(crate) fn fs(session: &mut Session, code: &str) -> Run {
    run(session, Language::FSharp, code)
}

pub(crate) fn rs(session: &mut Session, code: &str) -> Run {
    run(session, Language::Rust, code)
}

pub(crate) fn session() -> Session {
    engine().session(patient())
}

/// Runs cells, which stand one after the other in a script, in a fresh session and shows what each did.
pub(crate) fn notebook(language: Language, cells: &[&str]) -> String {
    let mut session = session();
    let mut text = String::new();
    let mut line = 10;
    for (at, code) in cells.iter().enumerate() {
        let _ = writeln!(
            text,
            "[{}] line {}\n    {}",
            at + 1,
            line + 1,
            code.replace('\n', "\n    ")
        );
        text.push_str(
            &run_cell(
                &mut session,
                &CellSource::new(language, *code).at("demo.tars", line),
            )
            .picture(),
        );
        line += u32::try_from(code.lines().count()).unwrap() + 2;
    }
    text
}

/// A snapshot without the expression that made it: the picture repeats the cells.
macro_rules! assert_picture {
    ($picture:expr) => {
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!($picture)
        })
    };
}
pub(crate) use assert_picture;
