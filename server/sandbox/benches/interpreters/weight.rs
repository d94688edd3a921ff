//! What live sessions weigh.

use std::time::Duration;

use metascript_sandbox::{CellSource, Engine, Language, Limits, Session};

/// Resident memory of this process, in bytes; 0 where the system does not tell.
pub(crate) fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse::<usize>().ok())
        .map_or(0, |kibibytes| kibibytes << 10)
}

/// Memory that this process takes from the machine, in bytes: a page that all sessions map counts once. 0 where the system
/// does not tell.
fn taken() -> usize {
    let maps = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    maps.lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .and_then(|rest| rest.trim().strip_suffix("kB"))
        .and_then(|number| number.trim().parse::<usize>().ok())
        .map_or(0, |kibibytes| kibibytes << 10)
}

pub(crate) fn print(engine: &Engine) {
    let many: usize = std::env::var("METASCRIPT_BENCH_SESSIONS")
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(1000);
    println!("\nlive sessions, each after one cell");
    for (language, count) in [
        (Language::Python, many),
        (Language::JavaScript, many),
        (Language::FSharp, many.min(20)),
    ] {
        let limits = Limits {
            wall_time: Duration::from_mins(2),
            ..Limits::default()
        };
        let begin = |sessions: &mut Vec<Session>| {
            let mut session = engine.session(limits.clone());
            session
                .evaluate(&CellSource::new(language, "1+1"), &mut |_| {})
                .unwrap();
            sessions.push(session);
        };
        let mut sessions = Vec::new();
        // What all of them share is there from the first one on.
        begin(&mut sessions);
        let before = taken();
        (0..count).for_each(|_| begin(&mut sessions));
        let all = taken().saturating_sub(before);
        #[allow(clippy::cast_precision_loss)]
        let mebibytes = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        println!(
            "{:<28}{count:>6} sessions {:>10.1} MiB, {:>7.2} MiB each",
            language.to_string(),
            mebibytes(all),
            mebibytes(all / count)
        );
    }
}
