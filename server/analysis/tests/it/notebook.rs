//! Scripts as the cells of a notebook.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;
use metascript_analysis::notebook::{PieceKind, pieces};
use metascript_syntax::Document;
use proptest::prelude::*;

/// The pieces follow each other and are the whole text; what is edited lies inside.
fn check(text: &str) {
    let mut end = 0;
    for piece in pieces(&Document::parse(text)) {
        assert_eq!(piece.range.start, end, "a gap in {text:?}");
        assert!(
            piece.range.start <= piece.content.start && piece.content.end <= piece.range.end,
            "{piece:?} in {text:?}"
        );
        assert!(text.get(piece.content.clone()).is_some(), "{piece:?}");
        end = piece.range.end;
    }
    assert_eq!(end, text.len(), "the end of {text:?}");
}

fn picture(text: &str) -> String {
    check(text);
    let mut out = String::new();
    for piece in pieces(&Document::parse(text)) {
        let kind = match &piece.kind {
            PieceKind::Code { language, .. } => language.as_str().to_owned(),
            PieceKind::Markup => "markup".to_owned(),
            PieceKind::Script => "script".to_owned(),
        };
        writeln!(
            out,
            "{kind}: {:?} [{:?}] {:?}",
            &text[piece.range.start..piece.content.start],
            &text[piece.content.clone()],
            &text[piece.content.end..piece.range.end],
        )
        .unwrap();
    }
    out
}

#[test]
fn every_fixture_is_its_pieces() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut folders = vec![root];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                check(&text);
                check(&text.replace('\n', "\r\n"));
                count += 1;
            }
        }
    }
    assert!(count > 50, "{count} fixtures");
}

#[test]
fn blocks_and_cells_become_pieces() {
    assert_snapshot!(picture(
        "// About\nDESCRIBE {\n    name: \"x\"\n}  // same line\n\nPYTHON {\n    a = 1\n\n    a\n    output_variable: \"b\"\n}\n\n// before the action\nACTION { type: \"log\" }\nIF { condition: \"${b}\" }\nELSE { RETURN { value: 1 } }\nJAVASCRIPT { 1 + 1 } // behind\nFSHARP {\n}\n// the end"
    ));
}

#[test]
fn prose_of_a_literate_script_becomes_text() {
    assert_snapshot!(picture(
        "---\ntitle: T\n---\n\n# One\n\nWords.\n\n## Two\n\n```python name=\"x\"\nprint(1)\n```\n\nMore words.\n"
    ));
}

#[test]
fn what_nobody_closed_stays_script() {
    assert_snapshot!(picture("PYTHON {\n    a = 1\n\nVARIABLE x {\n"));
}

proptest! {
    #[test]
    fn any_text_is_its_pieces(parts in prop::collection::vec(prop::sample::select(vec![
        "PYTHON {\n", "    x = 1\n", "}", "\n", "\r\n", "\r", "// c\n", "/* d */", "# Title\n", "words\n", "```python\n", "```\n",
        "VARIABLE a { value: \"é\" }", "ELSE {", "{", " ", "\t", "edge a -> b\n", "---\n", "\u{feff}", "🔄", "JAVASCRIPT { 1 }", "LANG(\"X\") {",
    ]), 0..24)) {
        check(&parts.concat());
    }
}
