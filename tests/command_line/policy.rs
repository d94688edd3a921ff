//! `metascript run` under policies, and `metascript audit`.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{Outcome, outcome};

/// A workspace with a script that reads a file, and an audit log of its own.
struct Workspace(tempfile::TempDir);

impl Workspace {
    fn new(cell: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        fs::write(folder.path().join("data/notes.txt"), "the notes").unwrap();
        fs::write(
            folder.path().join("script.tars"),
            format!("PYTHON {{\n    {cell}\n}}\n"),
        )
        .unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn settings(&self, text: &str) {
        fs::write(self.path().join(".metascript.toml"), text).unwrap();
    }

    fn metascript<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
        outcome(
            Command::new(env!("CARGO_BIN_EXE_metascript"))
                .args(arguments)
                .current_dir(self.path())
                .env("METASCRIPT_AUDIT", self.path().join("audit"))
                // No settings of the person who runs the test.
                .env("XDG_CONFIG_HOME", self.path().join("config")),
        )
    }
}

const READ: &str = "print(tars.fs.read('data/notes.txt'))";

const ASKING: &str =
    "[run]\npolicy = \"notes\"\n[run.policies.notes]\nfolders = [{ path = \"data\" }]\n";

#[test]
fn without_a_policy_a_cell_reads_nothing() {
    let workspace = Workspace::new(READ);
    let run = workspace.metascript(["run", "script.tars"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr.contains("under the policy 'strict'"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("note:"), "{}", run.stderr);
}

#[test]
fn a_policy_that_is_asked_for_by_name_is_shown_and_holds() {
    let workspace = Workspace::new(READ);
    let run = workspace.metascript(["run", "--policy", "moderate", "script.tars"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("the notes"), "{}", run.stdout);
    assert!(
        run.stderr.contains("reads the script's folder"),
        "{}",
        run.stderr
    );
    let run = workspace.metascript(["run", "--policy", "lax", "script.tars"]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr
            .contains("there are strict, moderate, permissive"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_workspace_cannot_raise_itself() {
    let workspace = Workspace::new(READ);
    workspace.settings(ASKING);
    let run = workspace.metascript(["run", "script.tars"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.stderr
            .contains("the workspace asks for the policy `notes`"),
        "{}",
        run.stderr
    );
    let run = workspace.metascript(["run", "--policy", "notes", "script.tars"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(run.stdout.contains("the notes"), "{}", run.stdout);
    workspace.settings("[run.policies.notes]\nfolders = [{ path = \"/etc\" }]\n");
    let run = workspace.metascript(["run", "--policy", "notes", "script.tars"]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("no policy `notes`"), "{}", run.stderr);
}

#[test]
fn a_deterministic_run_repeats_to_the_same_bytes() {
    let workspace = Workspace::new(
        "import random, time, uuid; print(random.random(), time.time(), uuid.uuid4())",
    );
    let run = |seed| {
        workspace
            .metascript([
                "run",
                "--format",
                "json",
                "--deterministic",
                "--seed",
                seed,
                "script.tars",
            ])
            .stdout
    };
    let first = run("1");
    assert!(first.contains("\"output\""), "{first}");
    assert_eq!(first, run("1"));
    assert_ne!(first, run("2"));
    let free = || workspace.metascript(["run", "script.tars"]).stdout;
    assert_ne!(free(), free());
}

#[test]
fn the_audit_log_says_what_ran_and_whether_it_is_whole() {
    let workspace = Workspace::new(READ);
    workspace.metascript(["run", "--policy", "moderate", "script.tars"]);
    workspace.metascript(["run", "script.tars"]);
    let shown = workspace.metascript(["audit", "show", "--format", "json"]);
    let entries: Vec<Value> = shown
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = entries
        .iter()
        .map(|entry| entry["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "cell.begin",
            "host.call",
            "cell.end",
            "cell.begin",
            "host.refused",
            "cell.end"
        ]
    );
    assert_eq!(entries[0]["policy"], "moderate");
    assert_eq!(entries[1]["target"], "data/notes.txt");
    assert_eq!(entries[4]["code"], "denied");
    let human = workspace.metascript(["audit", "show", "--last", "1"]);
    assert!(human.stdout.contains("cell.end"), "{}", human.stdout);
    let whole = workspace.metascript(["audit", "verify"]);
    assert_eq!(whole.code, Some(0), "{}", whole.stdout);
    assert!(
        whole.stdout.contains("6 entries, all as they were written"),
        "{}",
        whole.stdout
    );

    let log = workspace.path().join("audit/audit.jsonl");
    let text = fs::read_to_string(&log).unwrap();
    fs::write(&log, text.replace("notes.txt", "other.txt")).unwrap();
    let changed = workspace.metascript(["audit", "verify"]);
    assert_eq!(changed.code, Some(1));
    assert!(
        changed
            .stdout
            .contains("audit.jsonl:2: the entry or the one before it was changed"),
        "{}",
        changed.stdout
    );
    let shorter: String = text
        .lines()
        .take(5)
        .map(|line| format!("{line}\n"))
        .collect();
    fs::write(&log, shorter).unwrap();
    let cut = workspace.metascript(["audit", "verify"]);
    assert!(cut.stdout.contains("entry 6 was written"), "{}", cut.stdout);
}
