//! The formatter: what it does to each dialect, and what it never does.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use metascript_syntax::format::{self, FormatOptions, Indent};
use metascript_syntax::{Document, TextEdit};
use proptest::prelude::*;
use support::{any_script, any_text, edited_fixture};

fn formatted(text: &str) -> String {
    let document = Document::parse(text);
    format::applied(
        &document,
        &format::document(&document, &FormatOptions::default()),
    )
}

fn shown(text: &str) -> String {
    formatted(text).replace('\t', "→").replace("\r\n", "␍\n")
}

#[test]
fn a_brace_script_is_indented_and_spaced() {
    insta::assert_snapshot!(shown(
        "DESCRIBE{\n  name:\"x\"   \n      version :  \"1\"\n\n\n\n  tags:[\"a\",\"b\" ,]\n\n}\nVARIABLE   v  {\n  value: {a:1,b:[\n1,\n2\n]}\n   // note\n  other=3\n}"
    ));
}

#[test]
fn cells_strings_comments_and_text_keep_their_bytes() {
    insta::assert_snapshot!(shown(
        "FSHARP   {\n      let x = 1   \n\n\n\tlet y = \"a   b\"\n\n     output_variable:\"y\"\n   }\nREASONING{\n   some    prose   \n}\nA {\n  // a    comment   \n      k: \"\"\"\n  kept   \n\"\"\"\n   t: one   two\n}\n"
    ));
}

#[test]
fn line_commands_keep_their_indentation() {
    let text = "# x\nIF a > 0.7 THEN\n  SPAWN QRE(1.5)   COUNT(2)\n  NOTE \"x\"\nEND\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn lines_that_nest_by_indentation_keep_their_distance() {
    for text in [
        "YAML {\n    jobs:\n        k: 1\n    other: 2\n}\n",
        "SETTINGS {\n    jobs:\n        k: 1\n        deep:\n            l: 2\n    other: 2\n}\n",
        "STEPS {\n    - run: \"a\"\n      with: \"b\"\n    - run: \"c\"\n}\n",
    ] {
        assert_eq!(formatted(text), text);
    }
    assert_eq!(
        formatted(
            "A {\n    k: 1\n    l: 2\n    m: 3\n}\nSETTINGS {\n  jobs:\n    k: 1\n  other: 2\n}\n"
        ),
        "A {\n    k: 1\n    l: 2\n    m: 3\n}\nSETTINGS {\n    jobs:\n      k: 1\n    other: 2\n}\n"
    );
}

#[test]
fn arguments_of_commands_and_variables_of_the_environment_keep_their_equals_sign() {
    for text in [
        "CREATE THING \"a\"\n  k=\"v\"\n  n=current\nSTEP \"a\" mode=\"b\"\n",
        "ENV {\n    INPUT=out/a.json,\n    OUTPUT=out/b.json\n}\n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn the_indentation_of_nested_blocks_counts_too() {
    let text = "AGENT a {\n  FSHARP {\n    let x = 1\n  }\n}\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn a_workflow_keeps_its_two_spaces() {
    let text = "meta {\n  name = \"w\"\n}\n\nworkflow \"w\" {\n  node \"a\" kind=\"work\" {\n    goal = \"g\"\n  }\n\n  edge \"a\" -> \"b\"\n}\n";
    assert_eq!(formatted(text), text);
    let loose = text
        .replace("    goal = ", " goal=")
        .replace("\n  edge", "\n edge");
    assert_eq!(formatted(&loose), text);
}

#[test]
fn literate_foreign_and_broken_documents_are_left_alone() {
    for text in [
        "# Title\n\ntext  \n\n\n\n```fsharp\nlet x = 1\n```",
        "<?xml version=\"1.0\"?>\n<a>   </a>",
        "{ \"a\":   1 }",
        "A {\n  k:   \"open\n}\n",
        "A {   \n",
    ] {
        assert_eq!(formatted(text), text);
    }
}

#[test]
fn line_breaks_of_windows_are_kept() {
    insta::assert_snapshot!(shown("A {\r\nk:1\r\n\r\n\r\nl: 2\r\n}"));
}

#[test]
fn mixed_line_breaks_become_those_of_most_lines() {
    // The first break goes away with the blank line, and the one in the string stays.
    assert_eq!(
        shown("\r\n\nA {\nk: \"\"\"a\r\nb\"\"\"\n}\r\n"),
        "A {\n    k: \"\"\"a␍\nb\"\"\"\n}\n"
    );
    assert_eq!(
        shown("A {\r\nk: 1\r\n}\n\n\n\nB {\r\n}\r\n"),
        "A {␍\n    k: 1␍\n}␍\n␍\nB {␍\n}␍\n"
    );
}

#[test]
fn a_block_that_is_indented_itself_does_not_widen_its_items() {
    let text = "SPAWN X\n A {\n     k: 1\n }\n";
    assert_eq!(formatted(text), text);
}

#[test]
fn options_decide_about_indentation_and_the_last_line() {
    let document = Document::parse("A {\nk: 1\n}");
    let options = FormatOptions {
        indent: Some(Indent::Tab),
        insert_final_newline: false,
        ..FormatOptions::default()
    };
    assert_eq!(
        format::applied(&document, &format::document(&document, &options)),
        "A {\n\tk: 1\n}"
    );
}

#[test]
fn edits_are_minimal() {
    let document = Document::parse("A {\n    k:1\n    l: 2\n}\n");
    let edits = format::document(&document, &FormatOptions::default());
    assert_eq!(
        edits,
        [TextEdit {
            range: 10..10,
            text: " ".into()
        }]
    );
}

#[test]
fn a_range_formats_its_lines_only() {
    let document = Document::parse("A {\nk:1\nl:2\nm:3\n}\n");
    let options = FormatOptions {
        indent: Some(Indent::Spaces(2)),
        ..FormatOptions::default()
    };
    let edits = format::range(&document, 9..10, &options);
    assert_eq!(
        format::applied(&document, &edits),
        "A {\nk:1\n  l: 2\nm:3\n}\n"
    );
}

/// `$0` is where the character was typed.
fn typed(marked: &str, typed: char) -> String {
    let offset = marked.find("$0").unwrap();
    let document = Document::parse(&marked.replace("$0", ""));
    format::applied(
        &document,
        &format::on_type(&document, offset, typed, &FormatOptions::default()),
    )
}

#[test]
fn a_new_line_is_indented_and_a_closing_brace_is_moved() {
    assert_eq!(typed("A {\n$0", '\n'), "A {\n    ");
    assert_eq!(
        typed("A {\n    B {\n$0\n    }\n}\n", '\n'),
        "A {\n    B {\n        \n    }\n}\n"
    );
    assert_eq!(typed("A {\n    k: 1\n    }$0", '}'), "A {\n    k: 1\n}");
    assert_eq!(
        typed("A {\n    k: [\n        1\n        ]$0\n}\n", ']'),
        "A {\n    k: [\n        1\n    ]\n}\n"
    );
    let cell = "FSHARP {\n  let x =\n$0\n}\n";
    assert_eq!(
        typed(cell, '\n'),
        cell.replace("$0", ""),
        "cells are left to their language"
    );
    let string = "A {\n    k: \"\"\"a\n$0b\"\"\"\n}\n";
    assert_eq!(typed(string, '\n'), string.replace("$0", ""));
}

/// What must survive: the text without the white space between tokens is hard to tell from outside, so the
/// bytes of cells, strings and comments are compared, and all text without white space.
fn check(text: &str) -> Result<(), TestCaseError> {
    let document = Document::parse(text);
    let edits = format::document(&document, &FormatOptions::default());
    for pair in edits.windows(2) {
        prop_assert!(pair[0].range.end <= pair[1].range.start);
    }
    let once = format::applied(&document, &edits);
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    prop_assert_eq!(squeezed(&once), squeezed(text));
    let after = Document::parse(&once);
    let codes = |document: &Document| -> Vec<String> {
        document
            .cells()
            .iter()
            .map(|cell| document.slice(cell.code.clone()).into_owned())
            .collect()
    };
    prop_assert_eq!(codes(&document), codes(&after));
    let kept = |document: &Document| -> Vec<String> {
        support::tree_of(document)
            .into_iter()
            .filter(|(_, kind, _)| {
                kind.ends_with("string") || kind.ends_with("comment") || kind == "text"
            })
            .map(|(_, _, range)| document.slice(range).into_owned())
            .collect()
    };
    prop_assert_eq!(kept(&document), kept(&after));
    let twice = format::applied(&after, &format::document(&after, &FormatOptions::default()));
    prop_assert_eq!(twice, once);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_a_script_is_stable_and_keeps_its_tokens(text in any_script()) {
        check(&text)?;
    }


    #[test]
    fn formatting_any_text_is_stable_and_keeps_its_tokens(text in any_text()) {
        check(&text)?;
    }
}

proptest! {
    // A fixture is long: cutting it down to what fails would take longer than reading it.
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_a_fixture_that_somebody_edits_is_stable(text in edited_fixture()) {
        check(&text)?;
    }
}

#[test]
fn the_fixtures_keep_their_tokens() {
    for (path, text) in support::fixtures() {
        check(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}
