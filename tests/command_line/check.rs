//! `metascript check`.

use std::fs;

use metascript_tests::fixture;
use serde_json::Value;

use crate::{metascript, metascript_in};

fn json(path: &str) -> (Option<i32>, Value, String) {
    let outcome = metascript(["check", "--format", "json", path]);
    (
        outcome.code,
        serde_json::from_str(&outcome.stdout).unwrap(),
        outcome.stderr,
    )
}

#[test]
fn a_clean_script_exits_with_0() {
    let outcome = metascript(["check", fixture("hello.tars").to_str().unwrap()]);
    assert_eq!(
        outcome.code,
        Some(0),
        "{}{}",
        outcome.stdout,
        outcome.stderr
    );
    assert!(
        outcome
            .stdout
            .contains("1 file checked: 0 errors, 0 warnings"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn mistakes_are_shown_in_the_source() {
    let folder = metascript_tests::root().join("fixtures");
    let outcome = metascript_in(&folder, ["check", "mistakes.tars"]);
    assert_eq!(outcome.code, Some(1));
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn the_json_has_the_documented_shape() {
    let (code, report, _) = json(fixture("mistakes.tars").to_str().unwrap());
    assert_eq!(code, Some(1));
    assert_eq!(report["version"], 1);
    let file = &report["files"][0];
    assert!(file["path"].as_str().unwrap().ends_with("mistakes.tars"));
    assert_eq!(file["dialect"], "brace");
    assert!(file["syntax_errors"].as_u64().unwrap() >= 1);
    for item in file["diagnostics"].as_array().unwrap() {
        assert!(item["code"].as_str().unwrap().starts_with("MS"), "{item}");
        assert!(
            ["error", "warning", "information", "hint"]
                .contains(&item["severity"].as_str().unwrap())
        );
        assert!(!item["message"].as_str().unwrap().is_empty());
        for end in ["start", "end"] {
            assert!(
                item["range"][end]["line"].is_u64() && item["range"][end]["character"].is_u64()
            );
        }
    }
}

#[test]
fn positions_count_utf16_units() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emoji.tars");
    fs::write(
        &path,
        "ACTION {\n    type: \"log\"\n    message: \"🔄 ${nowhere}\"\n}\n",
    )
    .unwrap();
    let (_, report, _) = json(path.to_str().unwrap());
    let item = report["files"][0]["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["message"].as_str().unwrap().contains("nowhere"))
        .expect("the unresolved variable is found")
        .clone();
    // `    message: "` has 14 units, the arrows two, then a space and `${`.
    assert_eq!(item["range"]["start"]["line"], 2);
    assert_eq!(item["range"]["start"]["character"], 19, "{item}");
}

#[test]
fn bad_input_is_named_and_the_rest_is_still_checked() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("good.tars", b"DESCRIBE {\n    name: \"good\"\n}\n");
    write("latin.tars", b"DESCRIBE {\n    name: \"caf\xe9\"\n}\n");
    write("wide.tars", b"\xff\xfeD\0E\0");
    let outcome = metascript_in(
        folder.path(),
        [
            "check",
            "--format",
            "json",
            "good.tars",
            "latin.tars",
            "wide.tars",
            "missing.tars",
        ],
    );
    assert_eq!(outcome.code, Some(2));
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["files"].as_array().unwrap().len(), 1);
    let reason = |name: &str| {
        report["errors"]
            .as_array()
            .unwrap()
            .iter()
            .find(|error| error["path"] == name)
            .unwrap_or_else(|| panic!("{name} is not reported: {report}"))["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(
        reason("latin.tars").contains("not UTF-8 (byte 25, line 2)"),
        "{}",
        reason("latin.tars")
    );
    assert!(reason("wide.tars").contains("UTF-16"));
    assert!(reason("missing.tars").contains("no such file"));
    assert!(outcome.stderr.contains("latin.tars"));
}

#[test]
fn a_file_over_the_limit_is_refused_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("big.tars"),
        "# line\n".repeat(50 * 1024 * 1024 / 7),
    )
    .unwrap();
    let outcome = metascript_in(folder.path(), ["check", "big.tars"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("--max-file-size"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_folder_is_searched_and_ignore_files_are_respected() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let script = "DESCRIBE {\n    name: \"x\"\n}\n";
    write("a.tars", script);
    write("deep/b.trsx", script);
    write("deep/c.flux", script);
    write("d.metascript", script);
    write("ignored/e.tars", script);
    write("unity.meta", "fileFormatVersion: 2\nguid: 1234\n");
    write("notes.txt", "no script");
    write(".ignore", "ignored/\n");
    let (code, report, stderr) = json(folder.path().to_str().unwrap());
    assert_eq!(code, Some(0), "{report} {stderr}");
    let names: Vec<String> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let path = file["path"].as_str().unwrap();
            path.rsplit('/').next().unwrap().to_owned()
        })
        .collect();
    assert_eq!(names, ["a.tars", "d.metascript", "b.trsx", "c.flux"]);
}

#[test]
fn a_folder_without_scripts_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = metascript(["check", folder.path().to_str().unwrap()]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.stderr.contains("no scripts found"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn files_that_only_carry_the_extension_get_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workflow.tars");
    fs::write(
        &path,
        "<?xml version=\"1.0\"?>\n<TarsMetascript>\n  <a>{</a>\n</TarsMetascript>\n",
    )
    .unwrap();
    let (code, report, _) = json(path.to_str().unwrap());
    assert_eq!(code, Some(0), "{report}");
    let file = &report["files"][0];
    assert_eq!(file["dialect"], "xml");
    assert_eq!(file["syntax_errors"], 0);
    for item in file["diagnostics"].as_array().unwrap() {
        assert_eq!(item["severity"], "hint");
    }
}
