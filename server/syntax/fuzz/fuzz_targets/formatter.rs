//! Formatting twice is formatting once, and only white space between tokens changes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use metascript_syntax::Document;
use metascript_syntax::format::{self, FormatOptions};

fuzz_target!(|text: String| {
    let options = FormatOptions::default();
    let document = Document::parse(&text);
    let once = format::applied(&document, &format::document(&document, &options));
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(squeezed(&once), squeezed(&text));
    let after = Document::parse(&once);
    assert_eq!(format::applied(&after, &format::document(&after, &options)), once);
});
