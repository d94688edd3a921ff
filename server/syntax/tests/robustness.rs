//! Bombs: depth, width and length. None may crash, hang or take memory out of proportion, and a document
//! that survives parsing must survive everything that walks its tree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_syntax::format::{self, FormatOptions};
use metascript_syntax::{Document, TextEdit};

/// Everything that this crate does with a document.
fn exercise(text: &str) -> Document {
    let document = Document::parse(text);
    assert!(!document.tree().root_node().has_error());
    let _ = (
        document.dialect(),
        document.cells(),
        document.syntax_hints(),
    );
    let errors = document.syntax_errors();
    assert!(errors.len() <= 1000);
    let _ = document.root().items().len();
    let edits = format::document(&document, &FormatOptions::default());
    assert!(format::applied(&document, &edits).len() <= 200 * text.len() + 1000);
    let _ = format::on_type(&document, text.len(), '\n', &FormatOptions::default());
    let edited = document.edited(&[TextEdit {
        range: text.len()..text.len(),
        text: "}".into(),
    }]);
    assert!(!edited.tree().root_node().has_error());
    document
}

#[test]
fn depth() {
    for piece in [
        "A {", "A {\n", "k: {", "k: [", "[", "{", "{{", "(", "${", "k: \"${", "k: `${", "A (",
        "`${", "!",
    ] {
        exercise(&piece.repeat(100_000));
    }
    exercise(&format!(
        "{}{}",
        "A {\n".repeat(100_000),
        "}\n".repeat(100_000)
    ));
    exercise(&format!(
        "k: {}{}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    ));
    exercise(&format!(
        "k: \"${{{}1{}}}\"",
        "(".repeat(3_000),
        ")".repeat(3_000)
    ));
    exercise(&format!(
        "FSHARP {{\n{}{}\n}}\n",
        "(*".repeat(100_000),
        "*)".repeat(100_000)
    ));
    exercise(&format!("JAVASCRIPT {{\n{}\n}}\n", "`${".repeat(100_000)));
}

#[test]
fn width() {
    let document = exercise(&"A {}\n".repeat(1_000_000));
    assert_eq!(document.root().items().len(), 1_000_000);
    exercise(&format!("A {{ {} }}", "k: 1, ".repeat(300_000)));
    exercise(&format!("k: [{}]", "1, ".repeat(500_000)));
    assert_eq!(
        exercise(&"FSHARP { 1 }\n".repeat(100_000)).cells().len(),
        100_000
    );
}

#[test]
fn length() {
    for piece in [
        "a",
        " ",
        "\"",
        "{",
        "}",
        "k: ",
        "A ",
        "$",
        "\\",
        "`",
        "'",
        "\u{1f389}",
        "/",
        "#",
        "-",
        "a.",
        "(*",
        "/*",
    ] {
        exercise(
            &piece
                .repeat(10 << 20)
                .chars()
                .take((10 << 20) / piece.len())
                .collect::<String>(),
        );
    }
    exercise(&format!("k: \"{}\"", "x".repeat(10 << 20)));
    exercise(&format!("FSHARP {{ {} }}", "x".repeat(10 << 20)));
    exercise(&format!("# T\n\n```py\n{}", "x".repeat(10 << 20)));
}

/// Cells and strings that are never closed make the scanner look ahead: it must not look ahead again and
/// again over the same text.
#[test]
fn look_ahead_is_bounded() {
    for piece in [
        "FSHARP {\n",
        "FSHARP { (* }\n",
        "FSHARP { \" }\n",
        "FSHARP { \"\"\" }\n",
        "FSHARP {\n}\n\"\n",
        "BASH { cat <<A }\n",
        "JAVASCRIPT { ` }\n",
        "RUST { r#\" }\n",
        "SQL { $a$ }\n",
        "k: \"open\n",
        "k: \"\"\"open\n",
        "k: \"\"\" x\n",
        "k: '''open\n",
        "k: `open\n",
        "k: \"${open\n",
        "k: {{open\n",
        "k: |\n",
        "```fsharp\n\"\"\"\n```\n",
        "A (\n",
        "KEY\n",
        "/* open\n",
        "---\n",
        "FSHARP {\n{\n}\n",
        "FSHARP {}\nFSHARP {\n",
        "FSHARP {\n\"\"\"\nAB {\n",
        "CUDA { R\"x( }\n",
        "CUDA {\nR\"x(\n}\n",
        "RUST {\nr#\"\n}\n",
        "SQL {\n$a$\n}\n",
        "JULIA {\n#=\n}\n",
        "POWERSHELL {\n@\"\n}\n",
        "JAVASCRIPT {\n/*\n}\n",
    ] {
        exercise(&piece.repeat(20_000));
    }
}

#[test]
fn characters_that_are_nothing() {
    exercise("\u{0}");
    exercise("\u{feff}A {\u{0} }\n");
    exercise("\u{feff}\u{feff}");
    exercise(&(0..0x3000).filter_map(char::from_u32).collect::<String>());
    exercise("\r\rA {\r k: 1\r}\r");
}
