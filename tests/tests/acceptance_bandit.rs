//! Bandit's own examples: at least 95 % of its findings must be reported on the same line by the rule that stands for
//! them. `cargo xtask suites` fetches the examples; without them the test says so and does nothing, unless
//! `METASCRIPT_REQUIRE_SUITES` is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use metascript_security::{ScanRequest, scan};
use serde_json::Value;

fn suites() -> Option<PathBuf> {
    let folder = std::env::var_os("METASCRIPT_SUITES")
        .map(PathBuf::from)
        .or_else(|| {
            let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            Some(
                cache
                    .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?
                    .join("metascript/suites"),
            )
        })?;
    let there = folder.join("bandit-oracle.json").exists();
    assert!(
        there || std::env::var_os("METASCRIPT_REQUIRE_SUITES").is_none(),
        "run `cargo xtask suites` first"
    );
    there.then_some(folder)
}

fn line(text: &str, offset: usize) -> u64 {
    text.as_bytes()[..offset]
        .iter()
        .filter(|b| **b == b'\n')
        .count() as u64
        + 1
}

#[test]
fn bandits_findings_are_ours() {
    let Some(folder) = suites() else { return };
    let oracle: Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("bandit-oracle.json")).unwrap())
            .unwrap();
    let mut expected: BTreeMap<String, HashSet<(u64, String)>> = BTreeMap::new();
    for r in oracle["results"].as_array().unwrap() {
        let entry = (
            r["line_number"].as_u64().unwrap(),
            r["test_id"].as_str().unwrap().to_owned(),
        );
        expected
            .entry(r["filename"].as_str().unwrap().to_owned())
            .or_default()
            .insert(entry);
    }
    let (mut all, mut found, mut missed) = (0usize, 0usize, Vec::new());
    for (file, findings) in expected {
        let bytes = std::fs::read(folder.join("bandit-1.9.4").join(&file)).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let ours: HashSet<(u64, String)> = scan(&ScanRequest::new("python", &text))
            .iter()
            .flat_map(|f| {
                let at = line(&text, f.range.start);
                f.rule
                    .aliases
                    .iter()
                    .map(move |a| (at, a.clone()))
                    .collect::<Vec<_>>()
            })
            .collect();
        for finding in findings {
            all += 1;
            if ours.contains(&finding) {
                found += 1;
            } else {
                missed.push(format!("{file}:{} {}", finding.0, finding.1));
            }
        }
    }
    missed.sort();
    assert!(all >= 590, "the oracle has only {all} findings");
    assert!(
        found * 100 >= all * 95,
        "{found} of {all}; missed:\n{}",
        missed.join("\n")
    );
}
