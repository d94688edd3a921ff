//! An edited file answers like a file that was never anything else, and readers are told when they are late.

use std::path::Path;

use metascript_analysis::{AnalysisHost, Cancelled};
use metascript_syntax::{Document, TextEdit};
use proptest::prelude::*;

const START: &str = "VARIABLE a { value: 1 }\nIF {\n    condition: \"${a > 1}\"\n    ACTION { type: \"log\" message: \"${b}\" }\n}\nELSE {\n}\nPYTHON {\n    b = a + 1\n}\nFUNCTION f {\n    parameters: [\"x\"]\n    RETURN { value: \"${x}\" }\n}\nCALL { function: \"f\" arguments: [1, 2] result_variable: \"r\" }\n// metascript: ignore MS0302 because it is shown\nVARIABLE unused { value: \"${missing}\" }\n";

/// Pieces that make and break structure.
const PIECES: &[&str] = &[
    "{",
    "}",
    "\"",
    "\n",
    "${a}",
    "a",
    "ELSE {\n}\n",
    "VARIABLE b { value: 2 }\n",
    "PYTHON {\n  c = b\n}\n",
    ": ",
    "// x\n",
    "[",
    "é😀",
    "`",
    "\"\"\"",
    "RETURN { value: 1 }\n",
];

fn edits() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..600usize, 0..12usize, 0..PIECES.len()), 1..12)
}

fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn an_edited_file_answers_like_a_new_one(edits in edits()) {
        let mut text = START.to_owned();
        let mut document = Document::parse(&text);
        let mut host = AnalysisHost::new();
        let file = host.set_file(Path::new("/a.tars"), document.clone());
        for (at, length, piece) in edits {
            let start = floor(&text, at % (text.len() + 1));
            let end = floor(&text, start + length).max(start);
            let edit = TextEdit { range: start..end, text: PIECES[piece].to_owned() };
            text.replace_range(start..end, &edit.text);
            document = document.edited(&[edit]);
            let anew = Document::parse(&text);
            // That both trees are the same is the syntax crate's promise, and its test.
            prop_assume!(document.tree().root_node().to_sexp() == anew.tree().root_node().to_sexp());
            host.set_document(file, document.clone());
            let analysis = host.snapshot();
            let diagnostics = analysis.diagnostics(file).unwrap();
            let symbols = analysis.document_symbols(file).unwrap();
            let mut fresh = AnalysisHost::new();
            let other = fresh.set_file(Path::new("/a.tars"), anew);
            let expected = fresh.snapshot();
            prop_assert_eq!(&diagnostics[..], &expected.diagnostics(other).unwrap()[..], "{}", text);
            prop_assert_eq!(symbols, expected.document_symbols(other).unwrap());
            for diagnostic in diagnostics.iter() {
                prop_assert!(text.get(diagnostic.range.clone()).is_some(), "{:?} cuts a character", diagnostic);
            }
            // Every question has an answer at every place.
            let cursor = floor(&text, at);
            let _ = analysis.completions(file, cursor).unwrap();
            let _ = analysis.hover(file, cursor).unwrap();
            let _ = analysis.code_actions(file, cursor..cursor).unwrap();
            let _ = analysis.references(file, cursor, true).unwrap();
        }
    }
}

#[test]
fn a_late_reader_is_cancelled_and_the_writer_goes_on() {
    let text = START.repeat(400);
    let mut host = AnalysisHost::new();
    let file = host.set_file(Path::new("/a.tars"), Document::parse(&text));
    let analysis = host.snapshot();
    let reader = std::thread::spawn(move || {
        // Asks until it is told to stop: the answer is then an error value, not a panic.
        loop {
            if let Err(Cancelled) = analysis
                .workspace_symbols("u", 5)
                .and_then(|_| analysis.diagnostics(file))
            {
                return;
            }
        }
    });
    std::thread::sleep(std::time::Duration::from_millis(20));
    host.set_document(file, Document::parse("VARIABLE a { value: 1 }\n"));
    reader.join().unwrap();
    assert_eq!(host.snapshot().diagnostics(file).unwrap().len(), 1);
}

#[test]
fn files_come_and_go() {
    let mut host = AnalysisHost::new();
    let first = host.set_file(Path::new("/a.tars"), Document::parse("ELSE {\n}\n"));
    assert_eq!(
        host.set_file(Path::new("/a.tars"), Document::parse("IF {\n}\n")),
        first
    );
    host.remove_file(first);
    let analysis = host.snapshot();
    assert_eq!(analysis.files().unwrap(), []);
    assert!(analysis.diagnostics(first).unwrap().is_empty());
    assert!(analysis.hover(first, 0).unwrap().is_none());
    drop(analysis);
    assert_ne!(
        host.set_file(Path::new("/a.tars"), Document::parse("")),
        first
    );
}

#[test]
fn hostile_input_is_answered() {
    for text in [
        "{".repeat(20_000),
        "IF {\n".repeat(5_000),
        "a: [".repeat(5_000),
        format!("VARIABLE a {{ value: \"{}\" }}", "${`".repeat(20_000)),
        format!("PYTHON {{\n{}\n}}", "(".repeat(20_000)),
    ] {
        let mut host = AnalysisHost::new();
        let file = host.set_file(Path::new("/a.tars"), Document::parse(&text));
        let analysis = host.snapshot();
        analysis.diagnostics(file).unwrap();
        analysis.document_symbols(file).unwrap();
        analysis.completions(file, text.len() / 2).unwrap();
    }
}

#[test]
fn answers_are_right_however_long_somebody_types() {
    let part = |number: usize| {
        format!(
            "PYTHON {{\n    value_{number} = 1\n}}\nVARIABLE v{number} {{ value: \"${{value_{number}}}\" }}\n"
        )
    };
    let mut text: String = (0..20).map(part).collect();
    let mut host = AnalysisHost::new();
    let other = host.set_file(
        Path::new("/other.tars"),
        Document::parse("VARIABLE far { value: 1 }\n"),
    );
    let mut document = Document::parse(&text);
    let file = host.set_file(Path::new("/a.tars"), document.clone());
    // Far more text comes and goes than is kept: the answers before and after are those of a host that saw the last only.
    for round in 0..400 {
        let new = format!("VARIABLE w{round} {{ value: \"{}\" }}\n", "x".repeat(2000));
        for (range, text) in [(0..0, new.clone()), (0..new.len(), String::new())] {
            document = document.edited(&[metascript_syntax::TextEdit { range, text }]);
            host.set_document(file, document.clone());
            let found = host.snapshot().diagnostics(file).unwrap();
            assert!(!found.is_empty());
        }
        if round % 100 == 0 {
            host.rest(other);
            assert_eq!(
                host.snapshot().workspace_symbols("far", 9).unwrap().len(),
                1
            );
            host.set_document(other, Document::parse("VARIABLE far { value: 2 }\n"));
        }
    }
    text.push_str("// the end\n");
    let end = document.rope().len_bytes();
    let edit = metascript_syntax::TextEdit {
        range: end..end,
        text: "// the end\n".to_owned(),
    };
    host.set_document(file, document.edited(&[edit]));
    let mut fresh = AnalysisHost::new();
    fresh.set_file(
        Path::new("/other.tars"),
        Document::parse("VARIABLE far { value: 2 }\n"),
    );
    let same = fresh.set_file(Path::new("/a.tars"), Document::parse(&text));
    assert_eq!(
        host.snapshot().diagnostics(file).unwrap(),
        fresh.snapshot().diagnostics(same).unwrap()
    );
    assert_eq!(
        host.snapshot().workspace_symbols("", 100).unwrap(),
        fresh.snapshot().workspace_symbols("", 100).unwrap()
    );
}
