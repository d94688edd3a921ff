//! Well-formed scripts are left in peace, and the examples in the documentation are what they say they are.

use std::fs;
use std::path::{Path, PathBuf};

use metascript_analysis::{AnalysisHost, Diagnostic, Severity, codes};
use metascript_syntax::Document;
use metascript_syntax::schema::schema;

use crate::support::picture;

fn check(text: &str) -> Vec<Diagnostic> {
    let mut host = AnalysisHost::new();
    let file = host.set_file(Path::new("/scripts/main.tars"), Document::parse(text));
    host.snapshot().diagnostics(file).unwrap().to_vec()
}

/// What would disturb people: errors and warnings.
fn alarms(text: &str) -> Vec<Diagnostic> {
    let mut found = check(text);
    found.retain(|diagnostic| diagnostic.severity <= Severity::Warning);
    found
}

fn shown(text: &str, diagnostics: &[Diagnostic]) -> String {
    let notes: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| {
            (
                diagnostic.range.clone(),
                format!("{}: {}", diagnostic.code, diagnostic.message),
            )
        })
        .collect();
    picture(text, &notes)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn well_formed_scripts_raise_no_alarm() {
    let folder = root().join("fixtures/analysis");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let found = alarms(&text);
        assert!(
            found.is_empty(),
            "{}\n{}",
            path.display(),
            shown(&text, &found)
        );
        // Windows checkouts have other line ends.
        let windows = text.replace('\n', "\r\n");
        let found = alarms(&windows);
        assert!(
            found.is_empty(),
            "{} with CRLF\n{}",
            path.display(),
            shown(&windows, &found)
        );
        seen += 1;
    }
    assert!(seen >= 7, "only {seen} fixtures were found");
}

#[test]
fn examples_of_the_schema_are_well_formed() {
    let blocks = schema().blocks().iter().map(|block| &block.example);
    let actions = schema().actions().iter().map(|action| &action.example);
    for example in blocks.chain(actions) {
        let mut found = alarms(example);
        // An example is a part of a script: what it reads may be defined elsewhere.
        found.retain(|found| {
            !["MS0301", "MS0203", "MS0303", "MS0406", "MS0405"].contains(&found.code.as_str())
        });
        let sequel = ["ELSE", "CATCH", "FINALLY"]
            .iter()
            .any(|keyword| example.starts_with(keyword));
        assert!(found.is_empty() || sequel, "{}", shown(example, &found));
    }
}

/// The scripts of a page, under the heading that they stand under.
fn scripts<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
    let Some((_, section)) = page.split_once(&format!("## {heading}\n")) else {
        return Vec::new();
    };
    let section = section.split("\n## ").next().unwrap();
    section
        .split("```metascript\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect()
}

#[test]
fn every_page_shows_what_it_reports_and_how_to_repair_it() {
    let mut shown_codes = 0;
    for code in codes() {
        let id = code.as_str();
        let page = code.page();
        assert!(
            page.starts_with(&format!("# {id}: {}\n", code.title())),
            "{id}"
        );
        // These need other files, or a fence inside a fence.
        if ["MS0002", "MS0003", "MS0304"].contains(&id) {
            continue;
        }
        for script in scripts(page, "What is reported") {
            let found = check(script);
            assert!(
                found.iter().any(|found| found.code == code),
                "{id} is not reported\n{}",
                shown(script, &found)
            );
            shown_codes += 1;
        }
        for script in scripts(page, "How to repair it") {
            let found = check(script);
            assert!(
                id == "MS0303" || found.iter().all(|found| found.code != code),
                "{id} is still reported\n{}",
                shown(script, &found)
            );
        }
    }
    assert!(shown_codes > 30, "only {shown_codes} pages show an example");
}

#[test]
fn scripts_of_the_reference_are_well_formed() {
    let text = fs::read_to_string(root().join("docs/language.md")).unwrap();
    for script in text
        .split("```metascript\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
    {
        let found = alarms(script);
        assert!(found.is_empty(), "{}", shown(script, &found));
    }
}

#[test]
fn preferred_fixes_repair_what_they_belong_to() {
    for code in codes() {
        for script in scripts(code.page(), "What is reported") {
            let Some(fix) = check(script)
                .iter()
                .filter(|found| found.code == code)
                .find_map(|found| found.fixes.first().cloned())
            else {
                continue;
            };
            let mut repaired = script.to_owned();
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| edit.range.start);
            for edit in edits.iter().rev() {
                repaired.replace_range(edit.range.clone(), &edit.text);
            }
            let left = check(&repaired);
            assert!(
                left.iter().all(|found| found.code != code),
                "{code} survives its fix `{}`\n{}",
                fix.title,
                shown(&repaired, &left)
            );
        }
    }
}
