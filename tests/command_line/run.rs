//! `metascript run`.

use std::fs;

use metascript_tests::fixture;
use serde_json::Value;

use crate::{Outcome, metascript, metascript_in};

fn script(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.tars");
    fs::write(&path, text).unwrap();
    let name = path.to_str().unwrap().to_owned();
    (folder, name)
}

fn events(outcome: &Outcome) -> Vec<Value> {
    outcome
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}

#[test]
fn values_come_back_from_five_languages_as_they_went() {
    let doctor = metascript(["runtimes", "doctor"]);
    let rust = doctor.stdout.lines().find(|line| line.starts_with("Rust"));
    let outcome = metascript(["run", fixture("round-trip.tars").to_str().unwrap()]);
    if rust.is_some_and(|line| line.contains("yes")) {
        assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
        let end: Vec<&str> = outcome.stdout.lines().rev().take(4).collect();
        assert_eq!(end, ["place True", "day True", "huge True", "table True"]);
    } else {
        // Where no toolchain is, it is said what to install.
        assert_ne!(outcome.code, Some(0));
        assert!(
            outcome.stderr.contains("wasm32-wasip1"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn the_first_script_runs() {
    let outcome = metascript(["run", fixture("hello.tars").to_str().unwrap()]);
    assert_eq!(
        outcome.code,
        Some(0),
        "{}{}",
        outcome.stdout,
        outcome.stderr
    );
    for text in [
        "5 readings, the highest is 18.9",
        "14.74",
        "plain text notebook",
        "6.4 degrees",
    ] {
        assert!(outcome.stdout.contains(text), "{text}: {}", outcome.stdout);
    }
}

#[test]
fn a_value_goes_through_every_language() {
    let outcome = metascript(["run", fixture("languages.tars").to_str().unwrap()]);
    assert_eq!(
        outcome.code,
        Some(0),
        "{}{}",
        outcome.stdout,
        outcome.stderr
    );
    for text in [
        "3 orders",
        "1 gift, id 18446744073709551616, in EUR",
        "59.75",
        "average 19.92, largest id 18446744073709551616",
        "F# sees 59.75 and 3 days",
        "back in Python: 59.75 2026-01-31",
    ] {
        assert!(outcome.stdout.contains(text), "{text}: {}", outcome.stdout);
    }
}

#[test]
fn events_have_the_documented_shape() {
    let (_folder, name) = script(
        "PYTHON {\n    print('out')\n    6 * 7\n}\nJAVASCRIPT {\n    throw new Error('no')\n}\n",
    );
    let outcome = metascript(["run", "--format", "json", &name]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let events = events(&outcome);
    let of = |kind: &str| -> Vec<&Value> {
        events
            .iter()
            .filter(|event| event["event"] == kind)
            .collect()
    };
    let output = of("output");
    assert_eq!(output[0]["cell"], 0);
    assert_eq!(output[0]["language"], "python");
    assert_eq!(output[0]["stream"], "stdout");
    assert_eq!(output[0]["text"], "out\n");
    let result = of("result");
    assert_eq!(result[0]["data"]["text/plain"], "42");
    assert!(result[0]["duration_us"].is_u64());
    let error = of("error");
    assert_eq!(error[0]["cell"], 1);
    assert_eq!(error[0]["name"], "Error");
    assert_eq!(error[0]["message"], "no");
    assert_eq!(error[0]["line"], 5);
    let done = of("done");
    assert_eq!(done[0]["status"], "ok");
    assert_eq!(done[1]["status"], "failed");
}

#[test]
fn one_cell_can_be_run() {
    let (_folder, name) = script("PYTHON {\n    1 / 0\n}\nPYTHON {\n    'second'\n}\n");
    let outcome = metascript(["run", "--cell", "1", &name]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("'second'"), "{}", outcome.stdout);
    let outcome = metascript(["run", "--cell", "7", &name]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("no cell 7"), "{}", outcome.stderr);
}

#[test]
fn a_traceback_names_the_script_and_its_line() {
    let (_folder, name) = script(
        "DESCRIBE {\n    name: \"x\"\n}\nPYTHON {\n    def f():\n        return missing\n    f()\n}\n",
    );
    let outcome = metascript(["run", &name]);
    assert_eq!(outcome.code, Some(1));
    let shown = format!("{}{}", outcome.stdout, outcome.stderr);
    assert!(shown.contains("script.tars\", line 6"), "{shown}");
    assert!(shown.contains("NameError"), "{shown}");
}

#[test]
fn an_endless_loop_ends_at_its_deadline() {
    let (_folder, name) = script("PYTHON {\n    while True: pass\n}\n");
    let outcome = metascript(["run", "--time-limit", "300ms", "--format", "json", &name]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let events = events(&outcome);
    assert_eq!(events.last().unwrap()["status"], "timed_out");
}

#[test]
fn bad_input_is_explained() {
    let missing = metascript(["run", "nowhere.tars"]);
    assert_eq!(missing.code, Some(2));
    assert!(
        missing.stderr.contains("nowhere.tars: no such file"),
        "{}",
        missing.stderr
    );

    let folder = tempfile::tempdir().unwrap();
    let outcome = metascript(["run", folder.path().to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("is a folder"), "{}", outcome.stderr);

    fs::write(folder.path().join("bad.tars"), b"PYTHON {\n\xff\n}\n").unwrap();
    let outcome = metascript_in(folder.path(), ["run", "bad.tars"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("not UTF-8"), "{}", outcome.stderr);

    fs::write(
        folder.path().join("none.tars"),
        "DESCRIBE {\n    name: \"x\"\n}\n",
    )
    .unwrap();
    let outcome = metascript_in(folder.path(), ["run", "none.tars"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("no cells"), "{}", outcome.stderr);
}

#[test]
fn rust_without_a_toolchain_says_what_to_install() {
    let (_folder, name) = script("RUST {\n    1 + 1\n}\n");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_metascript"))
        .args(["run", &name])
        .env("METASCRIPT_RUSTC", "/no/such/rustc")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("rustup target add wasm32-wasip1"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_language_without_a_runtime_is_said_plainly() {
    let (_folder, name) = script("BASH {\n    ls\n}\nPYTHON {\n    1 + 1\n}\n");
    let outcome = metascript(["run", &name]);
    assert!(
        outcome.stderr.contains("bash has no runtime"),
        "{}",
        outcome.stderr
    );
    assert!(outcome.stdout.contains('2'), "{}", outcome.stdout);
    assert_eq!(outcome.code, Some(0));
    let outcome = metascript(["run", "--cell", "0", &name]);
    assert_eq!(outcome.code, Some(2));
}

#[test]
fn missing_runtimes_say_how_to_get_them() {
    let folder = tempfile::tempdir().unwrap();
    let (_script, name) = script("PYTHON {\n    1\n}\n");
    let outcome = metascript(["run", "--runtimes", folder.path().to_str().unwrap(), &name]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("cargo xtask runtimes"),
        "{}",
        outcome.stderr
    );
}

/// Code that hides what it does: the scanner calls it critical.
const HIDDEN: &str = "PYTHON {\n    print('first')\n}\n\nPYTHON {\n    import base64\n    exec(base64.b64decode('cHJpbnQoImhpZGRlbiIp'))\n}\n";

#[test]
fn a_cell_that_the_security_policy_blocks_does_not_run() {
    let (_folder, script) = script(HIDDEN);
    let outcome = metascript(["run", &script, "--format", "json"]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let events = events(&outcome);
    let error = events
        .iter()
        .find(|event| event["event"] == "error")
        .unwrap();
    assert_eq!(error["name"], "Blocked");
    assert_eq!(error["line"], 6);
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("PY-DECODE-EXEC"), "{message}");
    assert!(outcome.stdout.contains("first"));
    assert!(!outcome.stdout.contains("hidden\\n"), "{}", outcome.stdout);
}

#[test]
fn what_is_blocked_runs_when_asked_for_by_name() {
    let (_folder, script) = script(HIDDEN);
    let outcome = metascript(["run", &script, "--run-blocked"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(outcome.stdout.contains("hidden"), "{}", outcome.stdout);
    assert!(
        outcome.stderr.contains("PY-DECODE-EXEC"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_script_can_ask_that_more_of_it_is_blocked() {
    let (_folder, script) =
        script("CONFIG {\n    security_policy: \"strict\"\n}\n\nPYTHON {\n    eval(input())\n}\n");
    let outcome = metascript(["run", &script]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
    assert!(
        outcome.stderr.contains("keeps this cell from running"),
        "{}",
        outcome.stderr
    );
}
