//! The pages in `docs/` are made from the rule data. `UPDATE_DOCS=1 cargo test -p metascript-security --test docs` writes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use metascript_security::{all_rules, index, page};

#[test]
fn the_pages_say_what_the_rules_say() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut pages: Vec<(PathBuf, String)> = vec![(docs.join("security-rules.md"), index())];
    pages.extend(
        all_rules()
            .iter()
            .map(|r| (docs.join(format!("rules/{}.md", r.id)), page(r))),
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(docs.join("rules")).unwrap();
        for (path, text) in &pages {
            std::fs::write(path, text).unwrap();
        }
    }
    let stale: Vec<String> = pages
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(path).ok().as_ref() != Some(text))
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(stale.is_empty(), "run with UPDATE_DOCS=1: {stale:?}");
    let known: Vec<String> = all_rules().iter().map(|r| format!("{}.md", r.id)).collect();
    for entry in std::fs::read_dir(docs.join("rules")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(
            known.contains(&name),
            "docs/rules/{name} belongs to no rule"
        );
    }
}
