//! Code that says of its own lines what is found there, in `fixtures/security/<language>`: `ruleid: PY-EVAL` in a comment
//! means that the next line has this finding under the default policy, `ok: PY-EVAL` that it has none at all. A line without
//! a comment has none either.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use metascript_security::{LANGUAGES, Setup};

const EXTENSIONS: &[(&str, &str)] = &[
    ("py", "python"),
    ("js", "javascript"),
    ("ts", "typescript"),
    ("cs", "csharp"),
    ("rs", "rust"),
];

/// The rules that one comment expects on the next line, and whether it is one.
fn expected(line: &str) -> Option<Vec<&str>> {
    let comment = line.trim().trim_start_matches(['/', '#']).trim();
    if let Some(ids) = comment.strip_prefix("ruleid:") {
        return Some(ids.split(',').map(str::trim).collect());
    }
    comment.starts_with("ok:").then(Vec::new)
}

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

#[test]
fn annotated_lines_are_judged_as_they_say() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/security");
    let setup = Setup::default();
    let mut all = Vec::new();
    for language in LANGUAGES {
        let folder = root.join(language);
        if folder.exists() {
            files(&folder, &mut all);
        }
    }
    all.sort();
    let mut faults = String::new();
    let (mut positives, mut negatives) = (0, 0);
    for file in all {
        let extension = file.extension().unwrap_or_default().to_string_lossy();
        let Some((_, language)) = EXTENSIONS.iter().find(|(e, _)| **e == *extension) else {
            continue;
        };
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let mut found: Vec<Vec<String>> = vec![Vec::new(); lines.len() + 2];
        for f in setup.scan_code(language, &text) {
            found[text[..f.range.start].matches('\n').count()].push(f.rule.id.clone());
        }
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let mut wanted: Option<Vec<&str>> = None;
        for (n, line) in lines.iter().enumerate() {
            if let Some(next) = expected(line) {
                if next.is_empty() {
                    negatives += 1;
                } else {
                    positives += 1;
                }
                wanted = Some(next);
                continue;
            }
            let wanted = wanted.take().unwrap_or_default();
            let missed = wanted.iter().any(|id| !found[n].iter().any(|f| f == id));
            if missed || wanted.is_empty() && !found[n].is_empty() {
                faults += &format!(
                    "{name}:{}: expected {wanted:?}, found {:?}\n    {}\n",
                    n + 1,
                    found[n],
                    line.trim()
                );
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(
        positives >= 100 && negatives >= 100,
        "{positives} positives, {negatives} negatives"
    );
}
