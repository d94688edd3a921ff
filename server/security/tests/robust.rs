//! No input makes the scanner panic, crash or recurse, and findings always lie inside the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_security::{
    DocumentScanner, LANGUAGES, Policy, ScanRequest, Setup, fix, scan, scan_document,
};
use metascript_syntax::Document;
use proptest::prelude::*;

fn check(language: &str, code: &str) {
    for f in scan(&ScanRequest::new(language, code)) {
        assert!(
            code.get(f.range.clone()).is_some(),
            "{language}: {:?} in {code:?}",
            f.range
        );
    }
}

/// Pieces of which mistakes are made in every language.
const PIECES: &[&str] = &[
    "eval(",
    "x",
    " = ",
    "\"",
    "'",
    ")",
    "{",
    "}",
    "\n",
    "import os\n",
    "os.system",
    "f\"{x}\"",
    "|> ",
    "new ",
    "SELECT * FROM t WHERE a = ",
    " + ",
    "é",
    "\u{202e}",
    "if ",
    ": ",
    "return ",
    "[",
    "]",
    ";",
    "$x",
    "PROMPT { text: ",
    "PYTHON {\n",
    "\"\"\"",
    "@\"",
    "$\"",
    "`",
    "${",
    "<<EOF\n",
    "EOF\n",
    "r#\"",
    "/*",
    "*/",
    "(*",
    "*)",
    "#if X\n",
    "#endif\n",
    "  ",
    "\t",
    "\r\n",
    "\u{0}",
    "let ",
    "match x with\n",
    "| A -> ",
    "fun x -> ",
    "'a",
    "<div>",
    "</div>",
    "=>",
    "#",
    "\\",
    "$(",
    "@'\n",
    "'@\n",
    "async ",
    "class A:\n",
    "namespace A\n",
    "0x",
    "1.",
    "/",
    "//",
    "--",
];

macro_rules! each_language {
    ($($test:ident $language:literal,)*) => {
        mod languages {
            use super::*;
            $(
                proptest! {
                    #[test]
                    fn $test(
                        text in "(?s).{0,200}",
                        parts in prop::collection::vec(prop::sample::select(PIECES), 0..60),
                    ) {
                        let code = parts.concat();
                        check($language, &text);
                        check($language, &code);
                        for f in scan(&ScanRequest::new($language, &code)).iter().take(1) {
                            for fix in fix::fixes($language, &code, f) {
                                let _ = fix::apply(&code, &fix);
                            }
                        }
                    }
                }
            )*

            #[test]
            fn all_are_tested() {
                assert_eq!([$($language),*].as_slice(), LANGUAGES);
            }
        }
    };
}

each_language! {
    python "python",
    javascript "javascript",
    typescript "typescript",
    csharp "csharp",
    fsharp "fsharp",
    rust "rust",
    bash "bash",
    powershell "powershell",
    sql "sql",
}

#[test]
fn depth_and_length_are_harmless() {
    for language in LANGUAGES {
        for code in [
            "(".repeat(4000),
            "a+".repeat(4000),
            "{[".repeat(2000),
            "f(".repeat(4000),
            "x.".repeat(4000),
            "if a:\n ".repeat(300),
            "\"${".repeat(500),
            "let x =\n ".repeat(1000),
            "(*".repeat(2000),
            "$(".repeat(1000),
            "<<A\n".repeat(500),
            (0..1000).map(|n| " ".repeat(n) + "x\n").collect(),
        ] {
            check(language, &code);
        }
    }
}

/// The scanner of the bash grammar looks digits up in a table of bytes.
#[test]
fn letters_of_all_alphabets_are_harmless() {
    for language in LANGUAGES {
        for letter in ["\u{e9}", "\u{4e2d}", "\u{10fffd}", "\u{1f600}", "\u{a0}"] {
            for around in [
                "{}",
                "a{}",
                "<{}",
                "{}>x",
                "echo {}>&2",
                "1{}<x",
                "$({}",
                "${{}",
                "[[ {} =~ {} ]]",
            ] {
                check(language, &around.replace("{}", letter));
            }
        }
    }
    let code = "echo \u{10fffd} > x\neval \"$1\"\n";
    assert!(
        scan(&ScanRequest::new("bash", code))
            .iter()
            .any(|f| f.rule.id == "SH-EVAL"
                && code.get(f.range.clone()).unwrap().starts_with("eval"))
    );
}

#[test]
fn half_written_code_is_scanned_as_far_as_it_goes() {
    let code = "import os\ndef f(:\n    os.system('ls ' + x)\n  )\n";
    assert!(
        scan(&ScanRequest::new("python", code))
            .iter()
            .any(|f| f.rule.id == "PY-OS-SYSTEM")
    );
}

#[test]
fn a_finding_ends_with_the_text() {
    let code = "PYTHON {\nos.system$x$({";
    let strict = Policy::built_in("strict").unwrap();
    let found = scan_document(&Document::parse(code), &strict);
    assert!(found.iter().any(|f| f.rule.id == "MS-CAPABILITY"));
    for f in found {
        assert!(code.get(f.range.clone()).is_some(), "{:?}", f.range);
    }
}

proptest! {
    #[test]
    fn any_document_is_scanned(text in "(?s).{0,200}", parts in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let strict = Policy::built_in("strict").unwrap();
        for code in [text, parts.concat()] {
            for f in scan_document(&Document::parse(&code), &strict) {
                prop_assert!(code.get(f.range).is_some());
            }
        }
    }

    #[test]
    fn what_is_remembered_changes_nothing(
        before in prop::collection::vec(prop::sample::select(BLOCKS), 0..8),
        after in prop::collection::vec(prop::sample::select(BLOCKS), 0..8),
    ) {
        let mut scanner = DocumentScanner::new(std::sync::Arc::new(Setup::default()));
        for blocks in [&before, &after, &before] {
            let document = Document::parse(&blocks.concat());
            let again: Vec<_> = scanner.scan(&document).iter().map(picture).collect();
            let anew: Vec<_> = scan_document(&document, &Policy::default()).iter().map(picture).collect();
            prop_assert_eq!(again, anew);
        }
    }
}

fn picture(f: &metascript_security::Finding) -> String {
    format!("{} {:?} {:?} {}", f.rule.id, f.range, f.cell, f.message)
}

/// Blocks whose findings depend on the blocks before them.
const BLOCKS: &[&str] = &[
    "PROMPT {\n  text: \"Write a command\"\n  output_variable: \"answer\"\n}\n\n",
    "PYTHON {\nimport os\nos.system(answer)\n}\n\n",
    "PYTHON {\nanswer = \"ls\"\n}\n\n",
    "ACTION {\n  type: \"shell_execute\"\n  command: \"${answer}\"\n}\n\n",
    "VARIABLE api_key {\n  value: \"hunter2-very-Secret-9f8e7d\"\n}\n\n",
    "JAVASCRIPT {\neval(answer);\n}\n\n",
    "ACTION {\n  type: \"http_request\"\n  url: \"https://example.com\"\n  body: \"${api_key}\"\n}\n\n",
];
