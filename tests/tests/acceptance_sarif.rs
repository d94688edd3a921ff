//! What `scan --format sarif` prints is valid against the schema of SARIF 2.1.0. `cargo xtask suites` fetches the schema
//! and what checks it; without them the test has nothing to say, unless `METASCRIPT_REQUIRE_SUITES` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::process::Command;

use metascript_security::render::{FileFindings, sarif};
use metascript_security::{LANGUAGES, ScanRequest, rules, scan};
use serde_json::Value;

const CHECK: &str = r"
import json, sys
from jsonschema import Draft7Validator
schema, result = (json.load(open(path, encoding='utf-8')) for path in sys.argv[1:])
errors = list(Draft7Validator(schema).iter_errors(result))
for error in errors[:20]:
    print('/'.join(map(str, error.absolute_path)), error.message[:300])
sys.exit(bool(errors))
";

#[test]
fn results_are_valid_against_the_schema() {
    let Some(schema) = metascript_tests::suites::file("sarif-2.1.0.json") else {
        return;
    };
    // Every rule's own example, so that every rule is described and has a result; and a name that needs escaping.
    let mut files = vec![FileFindings {
        path: "empty folder/ü.py".into(),
        text: String::new(),
        findings: Vec::new(),
    }];
    for language in LANGUAGES {
        for rule in rules(language) {
            let text = rule.bad_example();
            files.push(FileFindings {
                path: format!("examples of {language}/{}.txt", rule.id),
                findings: scan(&ScanRequest::new(language, &text)),
                text,
            });
        }
    }
    let text = sarif(&files);
    let value: Value = serde_json::from_str(&text).unwrap();
    let results = value["runs"][0]["results"].as_array().unwrap().len();
    assert!(results > 300, "{results} results");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("result.sarif");
    std::fs::write(&path, text).unwrap();
    let python = schema.with_file_name("venv").join("bin/python");
    let output = Command::new(python)
        .args(["-c", CHECK])
        .arg(&schema)
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
