//! Random scripts, the fixtures, and trees that can be compared.

#![allow(dead_code, reason = "each test uses a part")]

use std::path::{Path, PathBuf};

use metascript_syntax::Document;
use proptest::prelude::*;

/// Pieces of every dialect, whole and broken.
const SNIPPETS: &[&str] = &[
    "DESCRIBE {\n    name: \"x\"\n}\n",
    "VARIABLE v {\n    value: \"${a.b[0]}\"\n}\n",
    "ACTION { type: \"log\" message: \"a ${b + 1} c\" }\n",
    "FSHARP {\n    let c = '{'\n    let s = \"}\"\n    output_variable: \"o\"\n}\n",
    "FSHARP { id: \"a\" purpose: \"b\" }\n",
    "F# {\n  let s = \"\"\"\n}\n\"\"\"\n}\n",
    "LANG(\"PYTHON\") {\n  x = {'a': f\"{1}\"} # }\n}\n",
    "JAVASCRIPT {\n const t = `${ {a: 1}.a }`; /[}]/.test(x)\n}\n",
    "BASH {\ncat <<END\n}\nEND\n}\n",
    "CSHARP {\n var x = @\"\\{\"; (* /* }\n}\n",
    "REASONING {\n  Don't worry, \"be happy\n}\n",
    "IF { condition: \"${x > 1 ? 'a' : b}\"\n then: { ACTION { } }\n}\nELSE IF { }\nELSE { }\n",
    "rule R {\n match: \"a\\\"(.*)\"\n replace: \"$1\"\n}\n",
    "meta {\n  name = \"w\"\n}\nworkflow \"x\" {\n node \"a\" kind=\"work\" {\n  args { \"k\": \"v\" }\n }\n edge \"a\" -> \"b\"\n}\n",
    "#!/usr/bin/env trsx\ntitle: \"t\"\nprogram {\n}\nreflection {\n insight: \"i\"\n insight: \"j\"\n}\n",
    "#FLUX:VERSION:2.0.0\n",
    "---\ntitle: x\n---\n",
    "# Heading\n\nSome text\nmore text.\n\n```fsharp name=\"a\"\nlet x = \"\"\"\n```\n\"\"\"\n```\n",
    "```yaml\na: 1\n",
    "```\n",
    "~~~\n",
    "## Sub\n",
    "SPAWN_TEAM QRE(1.5) COUNT(2)\n  k=\"v\"\n",
    "IF a > 0.7 THEN\nEND\n",
    "edge a -> b\n",
    "button \"x\" on click {\n}\n",
    "<?xml version=\"1.0\"?><a/>",
    "{ \"name\": \"x\", \"steps\": [] }",
    "METADATA:\n  name: \"x\"\n  - item\n",
    "let f = fun x -> { a = x }\n",
    "k: [1, 2 {a: 1}\n \"s\", ${x}, {{t}}]\n",
    "k: { a: 1, b: { c: null } }\n",
    "k: \"a\" + new Date() +\n \"b\"\n",
    "k: \"\"\"a \"\"\"{{b}}\"\"\" \"\"\"\n",
    "k: '''x'''\n",
    "k: `a \\` ${b} {{c}}`\n",
    "k: |\n    block\n    more\n",
    "k: 100ms\nl = $ref.x\n",
    "1: step {\n}\n",
    "...spread,\n",
    "// comment\n",
    "/* block\n comment */\n",
    "(* ml *)\n",
    "/* open\n",
    "k: \"open\n",
    "k: \"\"\"open\n",
    "k: [1, 2\n",
    "k: { a: 1 ]\n",
    "k: \"${a + }\"\n",
    "k: \"${items.map(i => `x ${i.n} {`).join(', ')}\"\n",
    "k: ${(a, b) => a + b}\n",
    "k: \"${a ? \\\"b\\\" : 'c'}\"\n",
    "FSHARP {\n let x = \"\n",
    "PYTHON {\n x = '''\n",
    "}\n",
    "]",
    ")",
    "{",
    "${",
    "{{",
    "\"",
    "\"\"\"",
    "'",
    "`",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "🎉",
    "é",
    "\u{feff}",
    "\u{0}",
    "  ",
    "\t",
];

/// One piece.
pub fn snippet() -> impl Strategy<Value = String> {
    prop::sample::select(SNIPPETS).prop_map(str::to_owned)
}

/// A text made of pieces.
pub fn any_script() -> impl Strategy<Value = String> {
    prop::collection::vec(snippet(), 0..12).prop_map(|parts| parts.concat())
}

/// A text of characters that mean something, and of any others.
pub fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-cA-C0-2_ \t{}\\[\\]()\"'`$:=,;#/*\\\\.+|<>!?&@~\n-]{0,80}",
        2 => "([A-C]{1,3} |[a-c]: |\"|\\{\n|\\}\n|\n|\\$\\{|\\{\\{|\\}\\}|FSHARP |```|// ){0,30}",
        1 => any::<String>(),
    ]
}

/// A fixture after a few edits: pieces go in, stretches go out, lines end in another way.
pub fn edited_fixture() -> impl Strategy<Value = String> {
    let texts: Vec<String> = fixtures().into_iter().map(|(_, text)| text).collect();
    let edit = (
        any::<prop::sample::Index>(),
        0_usize..40,
        snippet(),
        0_u8..4,
    );
    let edits = prop::collection::vec(edit, 0..6);
    (prop::sample::select(texts), edits).prop_map(|(mut text, edits)| {
        for (place, length, piece, kind) in edits {
            let border = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at));
            let from = border(place.index(text.len() + 1)).unwrap_or(0);
            let to = border((from + length).min(text.len()))
                .unwrap_or(from)
                .max(from);
            match kind {
                0 => text.insert_str(from, &piece),
                1 => text.replace_range(from..to, ""),
                2 => text.replace_range(from..to, &text[from..to].replace('\n', "\r\n")),
                _ => text.replace_range(from..to, &text[from..to].replace(' ', "  ")),
            }
        }
        text
    })
}

/// A node as the tests compare it.
pub type Line = (usize, String, std::ops::Range<usize>);

/// The whole tree in document order: depth, kind with field, range in bytes.
pub fn tree_of(document: &Document) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut cursor = document.tree().walk();
    let mut depth = 0;
    loop {
        let node = cursor.node();
        let field = cursor
            .field_name()
            .map(|field| format!("{field}: "))
            .unwrap_or_default();
        lines.push((depth, format!("{field}{}", node.kind()), node.byte_range()));
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return lines;
            }
            depth -= 1;
        }
    }
}

/// Where two trees part, for the message of a test.
pub fn first_difference(left: &[Line], right: &[Line]) -> String {
    let at = left
        .iter()
        .zip(right)
        .take_while(|(left, right)| left == right)
        .count();
    let around = |lines: &[Line]| {
        format!(
            "{:#?}",
            &lines[at.saturating_sub(2)..lines.len().min(at + 4)]
        )
    };
    format!(
        "incremental {}\nfrom scratch {}",
        around(left),
        around(right)
    )
}

/// The folder of the syntax fixtures.
pub fn fixture_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/syntax")
}

/// All syntax fixtures, in order.
pub fn fixtures() -> Vec<(PathBuf, String)> {
    let mut fixtures: Vec<_> = std::fs::read_dir(fixture_folder())
        .expect("the fixtures exist")
        .map(|entry| entry.expect("a folder that can be read").path())
        .filter(|path| path.is_file())
        .map(|path| {
            (
                path.clone(),
                std::fs::read_to_string(&path).expect("a fixture is UTF-8"),
            )
        })
        .collect();
    fixtures.sort();
    fixtures
}
