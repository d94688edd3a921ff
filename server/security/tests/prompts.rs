//! Attacks on language models and ordinary work, in `fixtures/security/prompts`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::Setup;

fn flagged(name: &str) -> (Vec<String>, Vec<String>) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/security/prompts")
        .join(name);
    let setup = Setup::default();
    std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| line.replace("\\n", "\n"))
        .partition(|line| {
            setup
                .scan_prompt(line)
                .iter()
                .any(|f| f.rule.id == "MS-PROMPT-INJECTION")
        })
}

#[test]
fn attacks_are_told_from_work() {
    let (_, missed) = flagged("attacks.txt");
    let (wrong, _) = flagged("work.txt");
    assert!(
        missed.is_empty() && wrong.is_empty(),
        "missed: {missed:#?}\nwrong: {wrong:#?}"
    );
}
