//! What every fixture is read as: one picture a fixture, with its dialect, errors, cells and outline.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod support;

use std::fmt::Write as _;

use metascript_syntax::position::{PositionEncoding, to_position};
use metascript_syntax::{Dialect, Document, Language};

fn place(document: &Document, byte: usize) -> String {
    let position = to_position(document.rope(), byte, PositionEncoding::Utf16);
    format!("{}:{}", position.line + 1, position.character)
}

fn excerpt(text: &str) -> String {
    let line = text.replace('\n', "⏎");
    if line.chars().count() > 60 {
        line.chars().take(57).chain("...".chars()).collect()
    } else {
        line
    }
}

/// Kinds that the outline shows, each with its text.
const SHOWN: [&str; 24] = [
    "block",
    "code_block",
    "prose_block",
    "property",
    "edge",
    "command",
    "text",
    "spread",
    "directive",
    "shebang",
    "front_matter",
    "heading",
    "paragraph",
    "fenced_cell",
    "comment",
    "foreign_document",
    "object",
    "array",
    "concatenation",
    "yaml_block",
    "trailing_text",
    "bare_text",
    "interpolation",
    "template",
];

fn picture(text: &str) -> String {
    let document = Document::parse(text);
    let mut shown = format!("dialect {}\n", document.dialect());
    for error in document.syntax_errors() {
        let range = &error.range;
        writeln!(
            shown,
            "error {} {:?}: {} | {}",
            place(&document, range.start),
            error.kind,
            error.message,
            excerpt(&document.slice(range.clone()))
        )
        .unwrap();
    }
    for hint in document.syntax_hints() {
        writeln!(
            shown,
            "hint {} {:?}",
            place(&document, hint.range.start),
            hint.kind
        )
        .unwrap();
    }
    for cell in document.cells() {
        writeln!(
            shown,
            "cell {} {} {:?} line {} name {:?} output {:?}\n    {}",
            cell.index,
            cell.language,
            cell.form,
            cell.first_line + 1,
            cell.name.map(|(name, _)| name),
            cell.output_variable.map(|(name, _)| name),
            excerpt(&document.slice(cell.code.clone())),
        )
        .unwrap();
    }
    for (depth, kind, range) in support::tree_of(&document) {
        let name = kind.rsplit(' ').next().unwrap();
        if SHOWN.contains(&name) {
            writeln!(
                shown,
                "{}{kind} {}",
                "  ".repeat(depth),
                excerpt(&document.slice(range))
            )
            .unwrap();
        }
    }
    shown
}

#[test]
fn every_fixture_is_read_as_its_picture_shows() {
    for (path, text) in support::fixtures() {
        insta::assert_snapshot!(path.file_name().unwrap().to_str().unwrap(), picture(&text));
    }
}

#[test]
fn only_the_broken_fixture_has_errors() {
    for (path, text) in support::fixtures() {
        let errors = Document::parse(&text).syntax_errors();
        assert_eq!(
            errors.is_empty(),
            !path.ends_with("broken.tars"),
            "{}: {errors:?}",
            path.display()
        );
    }
}

#[test]
fn the_content_tells_the_dialect() {
    for (text, dialect) in [
        ("", Dialect::Brace),
        ("DESC", Dialect::Brace),
        ("// only a comment\n", Dialect::Brace),
        ("meta {\n  name: \"x\"\n}\n", Dialect::Brace),
        ("meta {\n  name = \"x\"\n}\n", Dialect::Wot),
        ("# Title\n\ntext\n\n```py\n1\n```\n", Dialect::Literate),
        ("# TARS Speech Transcript\n\n", Dialect::Literate),
        (
            "metadata:\n  name: x\nblocks:\n  - type: \"a\"\n    content: |\n      A {\n      }\n",
            Dialect::Yaml,
        ),
        ("<<<PLAN.md\nA {\n}\n", Dialect::Text),
        ("name: \"x\"\nprogram {\n}\n", Dialect::Unified),
        ("\u{feff}DESCRIBE {\n}\n", Dialect::Brace),
    ] {
        assert_eq!(Document::parse(text).dialect(), dialect, "{text:?}");
    }
}

/// The whole body is the code, whatever it holds; `§` stands for the end that a plain count would find.
#[test]
fn the_end_of_a_cell_is_told_by_its_language() {
    for (language, body) in [
        ("FSHARP", "let c = '{'\nlet t (x: 'a list) = x'"),
        ("FSHARP", "let r = Regex(@\"\\{[^}]*\\\"\"}\\1\")"),
        (
            "FSHARP",
            "let s = \"\"\"\n}\n\"\"\"\n(* } (* } *) } *)\n// don't }",
        ),
        ("FSHARP", "let ``odd } name`` = $\"\"\"{1} }}\"\"\""),
        (
            "CSHARP",
            "var s = $\"{d[\"k\"]} }} \\\" }\"; var v = @\"C:\\{\"; var c = '}';",
        ),
        ("CSHARP", "var raw = \"\"\"\"\n } \"\"\" }\n\"\"\"\";"),
        (
            "PYTHON",
            "s = '''\n}\n'''\nd = f\"{x['}']}\" # }\nr = r'\\}'",
        ),
        (
            "JAVASCRIPT",
            "/[}/]\\/}/.test(`a ${ { b: `}` }.b } \\` }`) // }",
        ),
        ("TYPESCRIPT", "const a = 4 / 2, b = '}'; /* } */"),
        (
            "RUST",
            "let r = r#\"} \" }\"#; fn f<'a>(x: &'a str) -> char { '}' } /* } /* } */ } */",
        ),
        ("SQL", "SELECT '}''}' -- }\nAS \"}\" , $t$ } $t$ /* } */"),
        (
            "BASH",
            "cat <<'END' # }\n}\nEND\necho \"$(f '}')\" ${#x} \\}",
        ),
        (
            "POWERSHELL",
            "$a = @\"\n}\n\"@; $b = '}''}' + \"`\"}\" <# } #> # }",
        ),
        (
            "CUDA",
            "const char* s = \"}\"; char c = '\\''; auto r = R\"x( )\" } )x\"; // }",
        ),
        ("JULIA", "s = \"\"\" } \"\"\" # }\n#= } #="),
        ("WOLFRAM", "f[x_] := \"}\" (* } (* } *) *)"),
    ] {
        let body = if language == "JULIA" {
            format!("{body} =# =#")
        } else {
            body.to_owned()
        };
        let text = format!("{language} {{\n{body}\n}}\n\nNEXT {{\n    k: 1\n}}\n");
        let document = Document::parse(&text);
        assert_eq!(document.syntax_errors(), [], "{text}");
        let cells = document.cells();
        assert_eq!(cells.len(), 1, "{text}");
        assert_eq!(document.slice(cells[0].code.clone()), body, "{text}");
        assert_eq!(document.root().items().len(), 2, "{text}");
    }
}

/// When the code itself is broken, the cell still ends where people see its end.
#[test]
fn a_broken_cell_ends_before_the_next_block() {
    for code in [
        "let s = \"open",
        "let s = \"\"\"open",
        "(* open",
        "if x then {",
        "let c = '\"'  \"",
        "@\"open\\",
    ] {
        let text = format!("FSHARP {{\n    {code}\n}}\n\nDESCRIBE {{\n    name: \"next\"\n}}\n");
        let document = Document::parse(&text);
        let cells = document.cells();
        assert_eq!(
            document.slice(cells[0].code.clone()),
            format!("    {code}"),
            "{text}"
        );
        assert_eq!(document.syntax_errors(), [], "{text}");
        assert_eq!(document.root().items().len(), 2, "{text}");
    }
}

#[test]
fn languages_have_one_name_each() {
    for (spelling, name) in [
        ("F#", "fsharp"),
        ("FSHARP", "fsharp"),
        ("sh", "bash"),
        ("TypeScript", "typescript"),
        ("Zig", "zig"),
    ] {
        assert_eq!(Language::named(spelling).as_str(), name);
    }
}

#[test]
fn what_follows_an_edge_on_its_line_is_text() {
    let document = Document::parse("A {\n}\nedge a -> b.\n");
    assert!(!document.tree().root_node().has_error());
}

#[test]
fn cells_in_a_block_of_prose_are_found_behind_comments_and_calls() {
    for head in ["// note", "# note", "use(\"x\")"] {
        let document = Document::parse(&format!(
            "logic {{\n    {head}\n    FSHARP {{\n        let a = 1\n    }}\n}}\n"
        ));
        assert_eq!(document.cells().len(), 1, "{head}");
    }
}

#[test]
fn a_first_line_for_the_shell_makes_no_unified_script() {
    let document = Document::parse("#!/usr/bin/env trsx\nSPAWN A 1\nSPAWN B 2\n");
    assert_eq!(document.dialect(), Dialect::Lines);
}
