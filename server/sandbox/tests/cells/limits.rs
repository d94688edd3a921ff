use std::time::{Duration, Instant};

use metascript_sandbox::{CellSource, Language, Limits, Status};

use crate::support::{engine, js, patient, py, run, session};

const LOOPS: [(Language, &str); 2] = [
    (Language::Python, "while True: pass"),
    (Language::JavaScript, "for (;;) {}"),
];

#[test]
fn an_endless_loop_ends_at_its_deadline_and_the_session_recovers() {
    for (language, code) in LOOPS {
        let mut session = engine().session(Limits {
            wall_time: Duration::from_millis(300),
            ..Limits::default()
        });
        run(&mut session, language, "kept = 1");
        let stopped = run(&mut session, language, code);
        assert_eq!(
            stopped.outcome.status,
            Status::TimedOut,
            "{}",
            stopped.picture()
        );
        assert!(stopped.outcome.duration >= Duration::from_millis(300));
        assert_eq!(stopped.outcome.lost, ["kept"]);
        assert_eq!(
            stopped.error().message,
            format!(
                "the cell was stopped after 300 ms; a fresh {language} runtime takes its place; gone are kept. Run the cells that define them again (line 11)"
            )
        );
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2");
    }
}

#[test]
fn a_wait_ends_at_its_deadline() {
    for (language, code) in [
        (Language::Python, "import time\ntime.sleep(3600)"),
        (
            Language::Python,
            "import asyncio\nawait asyncio.sleep(3600)",
        ),
        (
            Language::Python,
            "import asyncio\nawait asyncio.Event().wait()",
        ),
        (
            Language::JavaScript,
            "await new Promise((r) => setTimeout(r, 3600000))",
        ),
        (Language::JavaScript, "setInterval(() => {}, 1)"),
    ] {
        let mut session = engine().session(Limits {
            wall_time: Duration::from_millis(200),
            ..Limits::default()
        });
        let stopped = run(&mut session, language, code);
        assert_ne!(
            stopped.outcome.status,
            Status::Ok,
            "{code}\n{}",
            stopped.picture()
        );
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2");
    }
}

#[test]
fn a_memory_bomb_hits_its_limit() {
    for (language, code) in [
        (
            Language::Python,
            "bomb = []\nwhile True:\n    bomb.append(bytearray(1 << 20))",
        ),
        (Language::Python, "'x' * (1 << 31)"),
        (
            Language::JavaScript,
            "const bomb = []; for (;;) bomb.push(new Uint8Array(1 << 20).fill(1))",
        ),
        (
            Language::JavaScript,
            "let text = 'x'; for (;;) text += text",
        ),
    ] {
        let mut session = engine().session(Limits {
            memory: 96 << 20,
            ..patient()
        });
        let stopped = run(&mut session, language, code);
        assert_ne!(
            stopped.outcome.status,
            Status::Ok,
            "{code}\n{}",
            stopped.picture()
        );
        assert!(session.memory() <= 96 << 20);
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2", "{code}");
    }
}

#[test]
fn recursion_without_end_leaves_the_session_usable() {
    for (language, code) in [
        (Language::Python, "def f(): return f()\nf()"),
        (
            Language::Python,
            "x = []\nfor _ in range(1000000): x = [x]\nrepr(x)",
        ),
        (Language::Python, "eval('(' * 100000 + ')' * 100000)"),
        (Language::JavaScript, "function f() { return f() + 1 } f()"),
        (Language::JavaScript, "eval('['.repeat(1e6))"),
        (
            Language::JavaScript,
            "let nested = []; for (let i = 0; i < 1e6; i++) nested = [nested]; JSON.stringify(nested)",
        ),
    ] {
        let mut session = engine().session(Limits {
            wall_time: Duration::from_secs(5),
            ..Limits::default()
        });
        let failed = run(&mut session, language, code);
        assert_ne!(
            failed.outcome.status,
            Status::Ok,
            "{code}\n{}",
            failed.picture()
        );
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2", "{code}");
    }
}

#[test]
fn an_interrupt_stops_a_cell_from_another_thread() {
    for (language, code) in LOOPS {
        let mut session = session();
        run(&mut session, language, "kept = 1");
        let handle = session.interrupt_handle();
        assert!(!handle.interrupt(), "nothing runs yet");
        let stopper = std::thread::spawn(move || {
            while !handle.interrupt() {
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let stopped = run(&mut session, language, code);
        stopper.join().unwrap();
        assert_eq!(
            stopped.outcome.status,
            Status::Interrupted,
            "{}",
            stopped.picture()
        );
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2");
    }
}

#[test]
fn an_interrupted_wait_keeps_the_state() {
    for (language, code) in [
        (
            Language::Python,
            "print('waiting')\nimport time\ntime.sleep(3600)",
        ),
        (
            Language::JavaScript,
            "console.log('waiting'); await new Promise((r) => setTimeout(r, 3600000))",
        ),
    ] {
        let mut session = session();
        run(&mut session, language, "kept = 41");
        let handle = session.interrupt_handle();
        let (send, receive) = std::sync::mpsc::channel();
        let stopper = std::thread::spawn(move || {
            receive.recv().unwrap();
            std::thread::sleep(Duration::from_millis(500));
            assert!(handle.interrupt());
        });
        let begun = Instant::now();
        let outcome = session
            .evaluate(&CellSource::new(language, code), &mut |event| {
                if let metascript_sandbox::Event::Stream { .. } = event {
                    let _ = send.send(());
                }
            })
            .unwrap();
        stopper.join().unwrap();
        assert_eq!(outcome.status, Status::Interrupted);
        assert!(begun.elapsed() < Duration::from_mins(1));
        assert!(outcome.lost.is_empty(), "{outcome:?}");
        assert_eq!(run(&mut session, language, "kept + 1").text(), "42");
    }
}

#[test]
fn a_flood_of_output_shows_its_head_and_its_tail() {
    for (language, code) in [
        (Language::Python, "for n in range(20000): print('line', n)"),
        (
            Language::JavaScript,
            "for (let n = 0; n < 20000; n++) console.log('line', n)",
        ),
    ] {
        let mut session = engine().session(Limits {
            output: 10_000,
            ..patient()
        });
        let flooded = run(&mut session, language, code);
        let text = flooded.stdout();
        assert_eq!(flooded.outcome.status, Status::Ok);
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(text.starts_with("line 0\nline 1\n"));
        assert!(text.ends_with("line 19999\n"));
        assert!(text.contains("bytes of output left out]"));
    }
}

#[test]
fn fuel_bounds_a_cell_by_its_instructions() {
    for (language, code) in LOOPS {
        let mut session = engine().session(Limits {
            fuel: Some(300_000_000),
            ..patient()
        });
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2");
        let stopped = run(&mut session, language, code);
        assert_eq!(stopped.outcome.status, Status::TimedOut);
        assert_eq!(stopped.error().name, "OutOfFuel");
        assert_eq!(run(&mut session, language, "1 + 1").text(), "2");
    }
}

#[test]
fn a_dead_runtime_takes_no_other_with_it() {
    let mut session = engine().session(Limits {
        wall_time: Duration::from_millis(500),
        ..Limits::default()
    });
    py(&mut session, "alive = 'yes'");
    js(&mut session, "gone = 1");
    js(&mut session, "for (;;) {}");
    assert_eq!(py(&mut session, "alive").text(), "'yes'");
    assert_eq!(session.languages(), [Language::Python]);
}

#[test]
fn a_session_can_move_between_threads() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let mut session = sent(session());
    py(&mut session, "x = 1");
    let text = std::thread::spawn(move || py(&mut session, "x + 1").text().to_owned())
        .join()
        .unwrap();
    assert_eq!(text, "2");
}
