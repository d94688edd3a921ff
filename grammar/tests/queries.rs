//! Every query that editors read compiles against the grammar and finds what it is for.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use streaming_iterator::StreamingIterator as _;
use tree_sitter::{Language, Parser, Query, QueryCursor};

fn language() -> Language {
    metascript_grammar::LANGUAGE.into()
}

fn query_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(query_files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn every_query_compiles() {
    let files = query_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries"));
    assert!(files.len() >= 11, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        if let Err(error) = Query::new(&language(), &text) {
            panic!("{}: {error}", file.display());
        }
    }
}

/// `capture: text` for every capture of a query, in the order of the text.
fn captures(query: &str, text: &str) -> String {
    let query = Query::new(&language(), query).unwrap();
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    let tree = parser.parse(text, None).unwrap();
    let mut cursor = QueryCursor::new();
    let mut found = cursor.captures(&query, tree.root_node(), text.as_bytes());
    let mut shown = String::new();
    while let Some((found, index)) = found.next() {
        let capture = found.captures()[*index];
        let name = query.capture_names()[capture.index as usize];
        if name.starts_with('_') {
            continue;
        }
        let text = capture.node.utf8_text(text.as_bytes()).unwrap();
        writeln!(shown, "{name}: {}", text.replace('\n', "⏎")).unwrap();
    }
    shown
}

const SCRIPT: &str = "FUNCTION add {\n    parameters: [\"a\", 1, true]\n    value: \"${a.map(x => x + 1)} \\n\"\n}\nFSHARP {\n    let x = 1\n}\nLANG(\"PYTHON\") {\n    x = 1\n}\n// done\n";

#[test]
fn highlights_colour_a_script() {
    insta::assert_snapshot!(captures(metascript_grammar::HIGHLIGHTS_QUERY, SCRIPT));
}

#[test]
fn injections_give_cells_their_language() {
    insta::assert_snapshot!(captures(metascript_grammar::INJECTIONS_QUERY, SCRIPT));
    let literate = "# T\n\n```f#\nlet x = 1\n```\n\n```python\nx = 1\n```\n";
    insta::assert_snapshot!(captures(metascript_grammar::INJECTIONS_QUERY, literate));
}

#[test]
fn locals_folds_indents_and_text_objects_find_their_nodes() {
    insta::assert_snapshot!(captures(metascript_grammar::LOCALS_QUERY, SCRIPT));
    insta::assert_snapshot!(captures(metascript_grammar::FOLDS_QUERY, SCRIPT));
    insta::assert_snapshot!(captures(metascript_grammar::INDENTS_QUERY, SCRIPT));
    insta::assert_snapshot!(captures(metascript_grammar::TEXTOBJECTS_QUERY, SCRIPT));
}
