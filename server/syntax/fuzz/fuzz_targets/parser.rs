//! Any text and any edits: no error node, and the incremental tree is the tree of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metascript_syntax::{Document, TextEdit};

fuzz_target!(|input: (String, Vec<(u16, u8, String)>)| {
    let (mut text, edits) = input;
    let mut document = Document::parse(&text);
    assert!(!document.tree().root_node().has_error());
    for (at, removed, inserted) in edits.into_iter().take(16) {
        let border = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = border(usize::from(at) % (text.len() + 1));
        let end = border((start + usize::from(removed)).min(text.len())).max(start);
        document = document.edited(&[TextEdit { range: start..end, text: inserted.clone() }]);
        text.replace_range(start..end, &inserted);
        let scratch = Document::parse(&text);
        assert!(!scratch.tree().root_node().has_error());
        assert_eq!(document.tree().root_node().to_sexp(), scratch.tree().root_node().to_sexp());
        assert_eq!(document.syntax_errors(), scratch.syntax_errors());
        assert_eq!(document.cells(), scratch.cells());
    }
});
