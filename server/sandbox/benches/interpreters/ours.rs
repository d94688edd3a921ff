//! Our own times.

use std::time::{Duration, Instant};

use metascript_sandbox::{CellSource, Engine, Language, Limits, Session, Status};

use crate::figures::Figures;

const STARTS: usize = 50;
const ROUNDS: usize = 1000;

fn limits() -> Limits {
    Limits {
        wall_time: Duration::from_mins(2),
        ..Limits::default()
    }
}

fn sum(session: &mut Session, language: Language) -> Duration {
    let begun = Instant::now();
    let outcome = session
        .evaluate(&CellSource::new(language, "1+1"), &mut |_| {})
        .unwrap();
    assert_eq!(outcome.status, Status::Ok, "{language}");
    begun.elapsed()
}

/// A session whose runtime takes cells.
pub(crate) fn start(engine: &Engine, language: Language) -> Figures {
    engine.prepare(language).unwrap();
    Figures::new(
        (0..STARTS)
            .map(|_| {
                let begun = Instant::now();
                let mut session = engine.session(limits());
                session.start(language).unwrap();
                begun.elapsed()
            })
            .collect(),
    )
}

/// The same, and its first answer.
pub(crate) fn first(engine: &Engine, language: Language) -> Figures {
    // The compiler of F# is a part of the process, and starts once.
    sum(&mut engine.session(limits()), language);
    Figures::new(
        (0..STARTS)
            .map(|_| {
                let begun = Instant::now();
                sum(&mut engine.session(limits()), language);
                begun.elapsed()
            })
            .collect(),
    )
}

/// One more cell of a session.
pub(crate) fn warm(engine: &Engine, language: Language) -> Figures {
    let rounds = if language == Language::FSharp {
        ROUNDS / 10
    } else {
        ROUNDS
    };
    let mut session = engine.session(limits());
    for _ in 0..20 {
        sum(&mut session, language);
    }
    Figures::new((0..rounds).map(|_| sum(&mut session, language)).collect())
}
