//! Every rule proves itself by its own examples.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_security::{LANGUAGES, ScanRequest, built_in_rule_faults, rules, scan};

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
    for language in LANGUAGES.iter().chain(&["text"]) {
        for rule in rules(language) {
            let ids = |code: &str| -> Vec<String> {
                scan(&ScanRequest::new(language, code))
                    .into_iter()
                    .map(|f| f.rule.id.clone())
                    .collect()
            };
            let bad = ids(&rule.bad_example());
            if !bad.contains(&rule.id) {
                faults += &format!(
                    "{language} {}: the bad example is not flagged (found {bad:?})\n",
                    rule.id
                );
            }
            if ids(&rule.good).contains(&rule.id) {
                faults += &format!("{language} {}: the good example is flagged\n", rule.id);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
