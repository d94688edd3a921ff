//! Ordinary scripts, in `fixtures/security/quiet`: a finding in one of them is a false one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::Arc;

use metascript_security::{DocumentScanner, Setup};
use metascript_syntax::Document;

#[test]
fn ordinary_scripts_are_quiet() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/security/quiet");
    let (mut cells, mut faults) = (0, String::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let document = Document::parse(&text);
        cells += document.cells().len();
        let mut scanner = DocumentScanner::new(Arc::new(Setup::default()));
        for f in scanner.scan(&document) {
            let line = text[..f.range.start].matches('\n').count() + 1;
            faults += &format!(
                "{}:{line}: {} {}\n    {}\n",
                path.file_name().unwrap().to_string_lossy(),
                f.rule.id,
                f.message,
                text.lines().nth(line - 1).unwrap().trim()
            );
        }
    }
    assert!(cells >= 10, "only {cells} cells were seen");
    assert!(faults.is_empty(), "\n{faults}");
}
