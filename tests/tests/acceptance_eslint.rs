//! The cases of eslint-plugin-security: every invalid one is flagged, every valid one is left alone.
//! `cargo xtask suites` fetches them; without them the test does nothing, unless `METASCRIPT_REQUIRE_SUITES` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::{ScanRequest, scan};
use serde_json::Value;

#[test]
fn eslints_cases_are_judged_alike() {
    let folder = std::env::var_os("METASCRIPT_SUITES")
        .map(PathBuf::from)
        .unwrap_or_else(|| {
            let home =
                || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
            std::env::var_os("XDG_CACHE_HOME")
                .map_or_else(home, PathBuf::from)
                .join("metascript/suites")
        });
    let Ok(text) = std::fs::read_to_string(folder.join("eslint-security-cases.json")) else {
        assert!(
            std::env::var_os("METASCRIPT_REQUIRE_SUITES").is_none(),
            "run `cargo xtask suites` first"
        );
        return;
    };
    let cases: Value = serde_json::from_str(&text).unwrap();
    let (mut valid, mut invalid, mut faults) = (0, 0, String::new());
    for case in cases.as_array().unwrap() {
        let rule = case["name"].as_str().unwrap().split(' ').next().unwrap();
        let code = case["code"].as_str().unwrap();
        let expected = !case["valid"].as_bool().unwrap();
        let found = scan(&ScanRequest::new("javascript", code))
            .iter()
            .any(|f| f.rule.aliases.iter().any(|a| a == rule));
        if expected {
            invalid += 1;
        } else {
            valid += 1;
        }
        if found != expected {
            faults += &format!(
                "{rule}, {}:\n{code}\n",
                if expected { "not flagged" } else { "flagged" }
            );
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(
        valid >= 112 && invalid >= 107,
        "{valid} valid, {invalid} invalid"
    );
}
