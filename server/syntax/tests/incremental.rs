//! The invariant that everything else stands on: an edited document has the tree of its text parsed from
//! scratch, whatever the text and the edits. And no text gives an error that tree-sitter recovers from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use metascript_syntax::{Document, TextEdit};
use proptest::prelude::*;
use support::{Line, any_script, any_text, snippet, tree_of};

#[derive(Debug, Clone)]
struct RandomEdit {
    at: usize,
    removed: usize,
    inserted: String,
}

fn any_edit() -> impl Strategy<Value = RandomEdit> {
    let inserted = prop_oneof![
        3 => Just(String::new()),
        5 => "[a-zA-Z0-9_ {}\\[\\]()\"'`$:=,;#/*\\\\.+|>~\n\r-]{1,4}",
        4 => snippet(),
        1 => any_text(),
    ];
    (
        any::<usize>(),
        prop_oneof![3 => Just(0_usize), 3 => 1..4_usize, 1 => 4..200_usize],
        inserted,
    )
        .prop_map(|(at, removed, inserted)| RandomEdit {
            at,
            removed,
            inserted,
        })
}

fn apply(text: &str, edit: &RandomEdit) -> (TextEdit, String) {
    let border = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(edit.at % (text.len() + 1));
    let end = border((start + edit.removed).min(text.len())).max(start);
    let after = format!("{}{}{}", &text[..start], edit.inserted, &text[end..]);
    (
        TextEdit {
            range: start..end,
            text: edit.inserted.clone(),
        },
        after,
    )
}

fn check(start: &str, edits: &[RandomEdit]) -> Result<(), TestCaseError> {
    let mut text = start.to_owned();
    let mut document = Document::parse(&text);
    prop_assert!(
        !document.tree().root_node().has_error(),
        "an error node in {text:?}"
    );
    let first = document.clone();
    for edit in edits {
        let (edit, after) = apply(&text, edit);
        let newer = document.edited(&[edit.clone()]);
        check_kept(&document, &newer)?;
        check_kept(&first, &newer)?;
        document = newer;
        prop_assert_eq!(document.rope().to_string(), after.clone());
        let scratch = Document::parse(&after);
        prop_assert!(
            !scratch.tree().root_node().has_error(),
            "an error node in {after:?}"
        );
        let (incremental, expected) = (tree_of(&document), tree_of(&scratch));
        prop_assert!(
            incremental == expected,
            "the trees differ\n text {text:?}\n edit {edit:?}\n after {after:?}\n{}",
            support::first_difference(&incremental, &expected)
        );
        prop_assert_eq!(document.dialect(), scratch.dialect());
        text = after;
    }
    Ok(())
}

/// What an edited document says that it has kept of an older one is the same in both, to the node.
fn check_kept(older: &Document, newer: &Document) -> Result<(), TestCaseError> {
    let Some((head, tail)) = newer.kept_of(older) else {
        return Ok(());
    };
    let (old_text, new_text) = (older.rope().to_string(), newer.rope().to_string());
    prop_assert_eq!(&old_text.as_bytes()[..head], &new_text.as_bytes()[..head]);
    let (old_tail, new_tail) = (old_text.len() - tail, new_text.len() - tail);
    prop_assert_eq!(
        &old_text.as_bytes()[old_tail..],
        &new_text.as_bytes()[new_tail..]
    );
    let part = |document: &Document, from: usize, to: usize| -> Vec<Line> {
        let nodes = tree_of(document).into_iter();
        nodes
            .filter(|(depth, _, range)| *depth > 0 && range.start >= from && range.end < to)
            .map(|(depth, kind, range)| (depth, kind, range.start - from..range.end - from))
            .collect()
    };
    // A node that touches the border may differ.
    prop_assert_eq!(part(older, 0, head), part(newer, 0, head));
    prop_assert_eq!(
        part(older, old_tail + 1, usize::MAX),
        part(newer, new_tail + 1, usize::MAX)
    );
    Ok(())
}

fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(default);
    ProptestConfig {
        cases,
        max_shrink_iters: 20_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn an_edited_script_has_the_tree_of_its_text(start in any_script(), edits in prop::collection::vec(any_edit(), 1..8)) {
        check(&start, &edits)?;
    }

    #[test]
    fn an_edited_text_has_the_tree_of_its_text(start in any_text(), edits in prop::collection::vec(any_edit(), 1..8)) {
        check(&start, &edits)?;
    }
}

/// Typing a script character by character passes through every unfinished state of it.
#[test]
fn typing_and_deleting_every_fixture_keeps_the_tree() {
    for (path, text) in support::fixtures() {
        if text.len() > 6_000 {
            continue;
        }
        let mut document = Document::parse("");
        let mut at = 0;
        for character in text.chars() {
            document = document.edited(&[TextEdit {
                range: at..at,
                text: character.to_string(),
            }]);
            at += character.len_utf8();
            if at % 37 == 0 || at == text.len() {
                let scratch = Document::parse(&text[..at]);
                assert_eq!(
                    tree_of(&document),
                    tree_of(&scratch),
                    "{} up to byte {at}",
                    path.display()
                );
            }
        }
        while at > 0 {
            let start = (0..at)
                .rev()
                .find(|start| text.is_char_boundary(*start))
                .unwrap();
            document = document.edited(&[TextEdit {
                range: start..at,
                text: String::new(),
            }]);
            at = start;
            if at % 41 == 0 {
                let scratch = Document::parse(&text[..at]);
                assert_eq!(
                    tree_of(&document),
                    tree_of(&scratch),
                    "{} back to byte {at}",
                    path.display()
                );
            }
        }
    }
}
