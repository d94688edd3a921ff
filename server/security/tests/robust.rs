//! No input makes the scanner panic or recurse, and findings always lie inside the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use metascript_security::{LANGUAGES, Policy, ScanRequest, fix, scan, scan_document};
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
        ] {
            check(language, &code);
        }
    }
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_is_scanned(code in "(?s).{0,200}") {
        for language in LANGUAGES {
            check(language, &code);
        }
        let document = Document::parse(&code);
        for f in scan_document(&document, &Policy::built_in("strict").unwrap()) {
            prop_assert!(code.get(f.range).is_some());
        }
    }

    #[test]
    fn any_mixture_of_code_is_scanned(parts in prop::collection::vec(prop::sample::select(vec![
        "eval(", "x", " = ", "\"", "'", ")", "{", "}", "\n", "import os\n", "os.system", "f\"{x}\"", "|> ", "new ", "SELECT * FROM t WHERE a = ", " + ", "é", "\u{202e}", "if ", ": ", "return ", "[", "]", ";", "$x", "PROMPT { text: ", "PYTHON {\n",
    ]), 0..30)) {
        let code = parts.concat();
        for language in LANGUAGES {
            check(language, &code);
            for f in scan(&ScanRequest::new(language, &code)).iter().take(1) {
                for fix in fix::fixes(language, &code, f) {
                    let _ = fix::apply(&code, &fix);
                }
            }
        }
        for f in scan_document(&Document::parse(&code), &Policy::built_in("strict").unwrap()) {
            prop_assert!(code.get(f.range).is_some());
        }
    }
}
