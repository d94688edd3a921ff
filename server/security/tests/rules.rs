//! Every rule proves itself by its own examples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_security::{
    LANGUAGES, Policy, ScanRequest, built_in_rule_faults, rules, scan, scan_document,
};
use metascript_syntax::Document;

fn ids(language: &str, code: &str) -> Vec<String> {
    let findings = if language == "metascript" {
        scan_document(&Document::parse(code), &Policy::built_in("strict").unwrap())
    } else {
        scan(&ScanRequest::new(language, code))
    };
    findings.into_iter().map(|f| f.rule.id.clone()).collect()
}

#[test]
fn the_rules_compile() {
    assert_eq!(built_in_rule_faults(), Vec::<String>::new());
    for language in LANGUAGES {
        assert!(!rules(language).is_empty(), "{language} has no rules");
    }
}

#[test]
fn bad_examples_are_flagged_and_good_ones_are_quiet() {
    let mut faults = String::new();
    for language in LANGUAGES.iter().chain(&["text", "metascript"]) {
        for rule in rules(language) {
            // Needs a database that the user points at; `osv.rs` has its test.
            if rule.category == "known-vulnerability" {
                continue;
            }
            let bad = ids(language, &rule.bad_example());
            if !bad.contains(&rule.id) {
                faults += &format!(
                    "{language} {}: the bad example is not flagged (found {bad:?})\n",
                    rule.id
                );
            }
            if ids(language, &rule.good).contains(&rule.id) {
                faults += &format!("{language} {}: the good example is flagged\n", rule.id);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
