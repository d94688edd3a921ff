//! The ends of cells: whatever the code, the scanner returns, and the block around is made of the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metascript_syntax::Document;

const KEYWORDS: [&str; 12] = [
    "FSHARP", "CSHARP", "PYTHON", "JAVASCRIPT", "RUST", "SQL", "BASH", "POWERSHELL", "CUDA", "WOLFRAM", "JULIA", "REASONING",
];

fuzz_target!(|input: (u8, String)| {
    let (language, code) = input;
    let keyword = KEYWORDS[usize::from(language) % KEYWORDS.len()];
    let text = format!("{keyword} {{\n{code}\n}}\n\nDESCRIBE {{\n    name: \"next\"\n}}\n");
    let document = Document::parse(&text);
    assert!(!document.tree().root_node().has_error());
    for cell in document.cells() {
        assert!(cell.code.start <= cell.code.end && cell.code.end <= cell.range.end);
        assert!(cell.range.start <= cell.code.start);
    }
});
