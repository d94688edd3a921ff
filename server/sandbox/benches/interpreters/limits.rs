//! How far a cell gets beyond its deadline and its memory.

use std::time::{Duration, Instant};

use metascript_sandbox::{CellSource, Engine, Language, Limits, Status};

use crate::figures::{Figures, milliseconds};

/// Cells without an end: one that computes, one that waits, one inside a long call of a library.
const ENDLESS: [(Language, &str); 6] = [
    (Language::Python, "while True: pass"),
    (Language::Python, "import time\ntime.sleep(1000)"),
    (Language::Python, "9 ** (9 ** 9)"),
    (Language::JavaScript, "for (;;) {}"),
    (
        Language::JavaScript,
        "await new Promise(() => setTimeout(() => {}, 1e6))",
    ),
    (Language::JavaScript, "/^(a+)+$/.test('a'.repeat(40) + 'b')"),
];

const HUNGRY: [(Language, &str); 2] = [
    (
        Language::Python,
        "a = []\nwhile True: a.append(bytes(1 << 16))",
    ),
    (
        Language::JavaScript,
        "const a = []; for (;;) a.push(new Uint8Array(1 << 16).fill(1));",
    ),
];

pub(crate) fn print(engine: &Engine) {
    const DEADLINE: Duration = Duration::from_millis(100);
    println!(
        "\nbeyond a deadline of {}, median / p99 of 40 cells",
        milliseconds(DEADLINE)
    );
    for (language, code) in ENDLESS {
        let over = (0..40)
            .map(|_| {
                let limits = Limits {
                    wall_time: DEADLINE,
                    ..Limits::default()
                };
                let mut session = engine.session(limits);
                session.start(language).unwrap();
                let begun = Instant::now();
                let outcome = session
                    .evaluate(&CellSource::new(language, code), &mut |_| {})
                    .unwrap();
                assert_eq!(outcome.status, Status::TimedOut, "{code}");
                begun.elapsed().saturating_sub(DEADLINE)
            })
            .collect();
        let over = Figures::new(over);
        println!(
            "{:<28}{:>22} / {:<12} {}",
            language.to_string(),
            over.median().map(milliseconds).unwrap_or_default(),
            over.p99().map(milliseconds).unwrap_or_default(),
            code.lines().last().unwrap_or_default()
        );
    }
    println!("\nmemory when a cell is stopped, as a share of its limit");
    for (language, code) in HUNGRY {
        for limit in [64, 128, 256].map(|mebibytes: usize| mebibytes << 20) {
            let limits = Limits {
                memory: limit,
                wall_time: Duration::from_mins(1),
                ..Limits::default()
            };
            let mut session = engine.session(limits);
            session.start(language).unwrap();
            let before = crate::weight::resident();
            let mut most = 0;
            let outcome = session
                .evaluate(&CellSource::new(language, code), &mut |_| {
                    most = most.max(crate::weight::resident());
                })
                .unwrap();
            assert_eq!(outcome.status, Status::OutOfMemory, "{code}");
            let grown = most.max(crate::weight::resident()).saturating_sub(before);
            #[allow(clippy::cast_precision_loss)]
            let share = grown as f64 / limit as f64 * 100.0;
            println!(
                "{:<28}{:>22} of {} MiB",
                language.to_string(),
                format!("{share:.1} %"),
                limit >> 20
            );
        }
    }
}
