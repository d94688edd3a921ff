//! Runs every cell of `tests/hostile` beside a session that must notice nothing.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use metascript_sandbox::{
    Access, AuditLog, CellSource, FolderGrant, HostGrant, Language, Limits, Policy, Session,
    SessionOptions, Status,
};

use crate::rust::ready;
use crate::support::{engine, fs as fsharp, js, patient, py, rs, run_cell};

/// The cell may end so long after its deadline on a machine that does other things as well.
const SLACK: Duration = Duration::from_secs(5);

struct Expectation {
    status: String,
    shows: Vec<String>,
    hides: Vec<String>,
    limits: Limits,
    grants: Option<String>,
}

/// What the granted folder's links lead to.
const SECRET: &str = "TOP SECRET";

/// A script's folder with a granted folder in it, a secret beside that, and an audit log.
struct World {
    folder: tempfile::TempDir,
    log: AuditLog,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let granted = folder.path().join("granted");
        fs::create_dir_all(granted.join("deep")).unwrap();
        fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
        fs::write(granted.join("notes.txt"), "notes").unwrap();
        let large = fs::File::create(granted.join("large")).unwrap();
        large.set_len(17 << 20).unwrap();
        #[cfg(unix)]
        for (to, at) in [
            ("../secret.txt", "link"),
            ("..", "up"),
            ("/", "root"),
            ("../link", "deep/chain"),
        ] {
            std::os::unix::fs::symlink(to, granted.join(at)).unwrap();
        }
        let log = AuditLog::in_folder(&folder.path().join("audit")).unwrap();
        Self { folder, log }
    }

    fn session(&self, wanted: &Expectation) -> Session {
        let mut policy = Policy {
            limits: wanted.limits.clone(),
            ..Policy::strict()
        };
        match wanted.grants.as_deref() {
            Some("folder") => policy.folders.push(FolderGrant {
                path: "granted".into(),
                access: Access::Write,
                within: None,
            }),
            Some("hosts") => policy.hosts.push(HostGrant {
                host: "*".to_owned(),
                port: None,
                methods: vec!["GET".to_owned()],
                private: false,
            }),
            Some(other) => panic!("no such grant: {other}"),
            None => {}
        }
        engine().session_with(SessionOptions {
            policy,
            folder: Some(self.folder.path().to_owned()),
            audit: Some(self.log.clone()),
            origin: "hostile".to_owned(),
            ..SessionOptions::default()
        })
    }

    /// What the cell did to what was not its own.
    fn harm(&self) -> String {
        let mut wrong = String::new();
        let secret = fs::read_to_string(self.folder.path().join("secret.txt"));
        if secret.as_deref().ok() != Some(SECRET) {
            let _ = writeln!(wrong, "the secret is now {secret:?}");
        }
        for trouble in self.log.verify().unwrap().troubles {
            let _ = writeln!(wrong, "the audit log: {trouble}");
        }
        wrong
    }
}

fn expectation(code: &str) -> Expectation {
    let mut expectation = Expectation {
        status: "failed".to_owned(),
        shows: Vec::new(),
        hides: Vec::new(),
        limits: Limits {
            wall_time: Duration::from_secs(20),
            output: 64 << 10,
            ..Limits::default()
        },
        grants: None,
    };
    let head = code.lines().map_while(|line| {
        line.strip_prefix("# ")
            .or_else(|| line.strip_prefix("// "))
            .or(line.strip_prefix("///"))
    });
    for line in head {
        match line.split_once(": ") {
            Some(("expect", status)) => status.clone_into(&mut expectation.status),
            Some(("shows", text)) => expectation.shows.push(text.to_owned()),
            Some(("hides", text)) => expectation.hides.push(text.to_owned()),
            Some(("grants", text)) => expectation.grants = Some(text.to_owned()),
            Some(("limit", text)) => text
                .split(' ')
                .for_each(|limit| set(&mut expectation.limits, limit)),
            _ => {}
        }
    }
    expectation
}

fn set(limits: &mut Limits, limit: &str) {
    let (name, amount) = limit.split_once('=').expect("a limit is NAME=AMOUNT");
    let digits = amount.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: usize = digits.parse().expect("a limit has a number");
    match (name, &amount[digits.len()..]) {
        ("time", "ms") => limits.wall_time = Duration::from_millis(number as u64),
        ("time", "s") => limits.wall_time = Duration::from_secs(number as u64),
        ("memory", "MiB") => limits.memory = number << 20,
        ("output", "") => limits.output = number,
        other => panic!("no such limit: {other:?}"),
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "ok",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
        Status::TimedOut => "timedOut",
        Status::OutOfMemory => "outOfMemory",
    }
}

fn cells(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            cells(&path, found);
        } else if language(&path).is_some() {
            found.push(path);
        }
    }
}

fn language(path: &Path) -> Option<Language> {
    match path.extension()?.to_str()? {
        "py" => Some(Language::Python),
        "js" => Some(Language::JavaScript),
        "ts" => Some(Language::TypeScript),
        "fsx" => Some(Language::FSharp),
        "rs" => Some(Language::Rust),
        _ => None,
    }
}

/// What is wrong with how the cell ended.
fn complaints(path: &Path, bystander: &mut Session) -> Result<(), String> {
    let code = fs::read_to_string(path).unwrap();
    let wanted = expectation(&code);
    let world = World::new();
    let mut session = world.session(&wanted);
    let language = language(path).unwrap();
    session.start(language).map_err(|error| error.to_string())?;
    let run = run_cell(
        &mut session,
        &CellSource::new(language, code.as_str()).at("hostile.tars", 0),
    );
    let picture = run.picture();
    let status = word(run.outcome.status);
    let mut wrong = world.harm();
    if picture.contains(SECRET) {
        wrong.push_str("shows the secret\n");
    }
    let fine = match wanted.status.as_str() {
        "any" => true,
        "stopped" => status != "ok",
        word => status == word,
    };
    if !fine {
        let _ = writeln!(wrong, "ended {status}, not {}", wanted.status);
    }
    for text in wanted.shows.iter().filter(|text| !picture.contains(*text)) {
        let _ = writeln!(wrong, "does not show {text:?}");
    }
    for text in wanted.hides.iter().filter(|text| picture.contains(*text)) {
        let _ = writeln!(wrong, "shows {text:?}");
    }
    if run.outcome.duration > wanted.limits.wall_time + SLACK {
        let _ = writeln!(wrong, "took {:?}", run.outcome.duration);
    }
    if session.memory() > wanted.limits.memory {
        let _ = writeln!(wrong, "took {} bytes of memory", session.memory());
    }
    // A cell may spoil its own runtime for the cells after it; a restart mends that.
    session.set_limits(patient());
    let crosses = path
        .parent()
        .is_some_and(|folder| folder.ends_with("bridge"));
    // The compiler takes most of the time, and a cell of another language does not reach it.
    let with_fsharp = crosses || language == Language::FSharp;
    for fresh in [false, true] {
        if fresh {
            session.restart();
        }
        let mut later = vec![
            ("Python", py(&mut session, "1 + 1")),
            ("JavaScript", js(&mut session, "1 + 1")),
        ];
        if with_fsharp {
            later.push(("F#", fsharp(&mut session, "1 + 1")));
        }
        if language == Language::Rust {
            later.push(("Rust", rs(&mut session, "1 + 1")));
        }
        for (name, next) in later {
            let answer = next.result().and_then(|bundle| bundle.text("text/plain"));
            if answer != Some("2") && (fresh || !crosses) {
                let _ = writeln!(
                    wrong,
                    "the next {name} cell of the session{}: {}",
                    if fresh { " after a restart" } else { "" },
                    next.picture()
                );
            }
        }
    }
    let mut others = vec![
        ("Python", py(bystander, "mine")),
        ("JavaScript", js(bystander, "mine")),
    ];
    if with_fsharp {
        others.push(("F#", fsharp(bystander, "theirs")));
    }
    for (name, next) in others {
        if next.result().and_then(|bundle| bundle.text("text/plain")) != Some("42") {
            let _ = writeln!(
                wrong,
                "another session's {name} was harmed: {}",
                next.picture()
            );
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let shown: String = picture.chars().take(2000).collect();
    Err(format!("{wrong}what it showed:\n{shown}"))
}

#[test]
fn every_hostile_cell_is_stopped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/hostile");
    let only = std::env::var("HOSTILE").unwrap_or_default();
    let mut found = Vec::new();
    cells(&folder, &mut found);
    found.retain(|path| path.to_string_lossy().contains(&only));
    if !ready() {
        found.retain(|path| language(path) != Some(Language::Rust));
    }
    found.sort();
    assert!(
        !only.is_empty() || found.len() >= 100,
        "only {} hostile cells",
        found.len()
    );
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut bystander = engine().session(patient());
                py(&mut bystander, "mine = 42");
                js(&mut bystander, "var yours = 1");
                fsharp(&mut bystander, "let theirs = 42");
                while let Some(path) = found.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(wrong) = complaints(path, &mut bystander) {
                        eprintln!("failed: {}\n{wrong}", path.display());
                        failures.lock().unwrap().push(format!(
                            "== {}\n{wrong}",
                            path.strip_prefix(&folder).unwrap().display()
                        ));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} cells:\n\n{}",
        failures.len(),
        found.len(),
        failures.join("\n\n")
    );
}
