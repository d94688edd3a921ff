//! The public suite of dangerous F# and its harmless neighbours, in `fixtures/security/fsharp`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::{ScanRequest, scan};

#[test]
fn every_case_is_judged_as_it_says() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/security/fsharp");
    let (mut positives, mut negatives) = (0, 0);
    let mut faults = String::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "fsx"))
        .collect();
    files.sort();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        for case in text.split("\n//# ").skip(1) {
            let (head, code) = case.split_once('\n').unwrap();
            let words: Vec<&str> = head.split_whitespace().collect();
            let (kind, rule) = (words[0], words[1]);
            // A positive case says on which of its lines the finding stands.
            let expected: Vec<usize> = words[2..].iter().map(|n| n.parse().unwrap()).collect();
            assert_eq!(kind == "positive", !expected.is_empty(), "{head}");
            if kind == "positive" {
                positives += 1;
            } else {
                negatives += 1;
            }
            let mut found: Vec<usize> = scan(&ScanRequest::new("fsharp", code))
                .iter()
                .filter(|f| f.rule.id == rule)
                .map(|f| code[..f.range.start].matches('\n').count() + 1)
                .collect();
            found.dedup();
            if found != expected {
                faults += &format!("{kind} {rule}: found on {found:?}\n{code}\n");
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(
        positives >= 150 && negatives >= 150,
        "{positives} positives, {negatives} negatives"
    );
}
