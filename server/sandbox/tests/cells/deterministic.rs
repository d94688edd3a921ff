//! Repeatable runs.

use std::time::Instant;

use metascript_sandbox::{Language, Policy, Session, SessionOptions};

use crate::support::{engine, patient, run};

fn session(seed: Option<u64>) -> Session {
    let policy = Policy {
        limits: patient(),
        ..Policy::strict()
    };
    engine().session_with(SessionOptions {
        policy,
        seed,
        ..SessionOptions::default()
    })
}

/// What chance, clocks and the order of sets may change.
const CELLS: [(Language, &str); 7] = [
    (
        Language::Python,
        "import random, time, uuid, os, secrets, datetime\nrandom.random(), time.time(), time.monotonic(), uuid.uuid4(), os.urandom(4), secrets.token_hex(4), datetime.datetime.now()",
    ),
    (
        Language::Python,
        "print({'a', 'b', 'c', hash('x')}); time.sleep(3600); time.time()",
    ),
    (
        Language::Python,
        "import asyncio\nawait asyncio.gather(*(asyncio.sleep(n / 10) for n in range(5)))\ntime.monotonic()",
    ),
    (
        Language::JavaScript,
        "[Math.random(), Date.now(), new Date(), crypto.randomUUID(), performance.now(), [...crypto.getRandomValues(new Uint8Array(4))]]",
    ),
    (
        Language::JavaScript,
        "const begun = Date.now(); await new Promise((done) => setTimeout(done, 3600000)); Date.now() - begun >= 3600000",
    ),
    (
        Language::FSharp,
        "let r = System.Random()\nr.Next(), System.DateTime.UtcNow, System.Guid.NewGuid()",
    ),
    (Language::Python, "random.random(), time.time()"),
];

fn pictures(session: &mut Session, cells: &[(Language, &str)]) -> Vec<String> {
    cells
        .iter()
        .map(|(language, code)| {
            let run = run(session, *language, code);
            assert!(run.result().is_some(), "{code}:\n{}", run.picture());
            run.picture()
        })
        .collect()
}

#[test]
fn a_seeded_run_repeats_to_the_same_bytes() {
    let begun = Instant::now();
    let mut first = session(Some(7));
    let one = pictures(&mut first, &CELLS);
    assert_eq!(one, pictures(&mut session(Some(7)), &CELLS));
    first.restart();
    assert_eq!(one, pictures(&mut first, &CELLS));
    assert!(one[0].contains("2000, 1, 1"), "{}", one[0]);
    // Two hours of waiting took none.
    assert!(begun.elapsed().as_secs() < 3000);
}

#[test]
fn another_seed_and_no_seed_give_other_numbers() {
    let random = [
        (
            Language::Python,
            "import random, os\nrandom.random(), os.urandom(8)",
        ),
        (Language::JavaScript, "[Math.random(), crypto.randomUUID()]"),
    ];
    let runs = [Some(1), Some(2), None, None].map(|seed| pictures(&mut session(seed), &random));
    for (at, one) in runs.iter().enumerate() {
        for other in &runs[..at] {
            assert!(one[0] != other[0] && one[1] != other[1], "{one:?}");
        }
    }
}
