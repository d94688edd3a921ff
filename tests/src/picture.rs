//! Sources with places marked, as people would draw them.

use std::fmt::Write as _;

use serde_json::Value;

/// A text with a `$0` cursor: the text without it, and the cursor's line and character (UTF-16).
pub fn cursor(marked: &str) -> (String, u32, u32) {
    let at = marked.find("$0").expect("the fixture has a $0 cursor");
    let before = &marked[..at];
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap_or_default();
    let text = marked.replacen("$0", "", 1);
    (
        text,
        u32::try_from(line).unwrap(),
        u32::try_from(last.encode_utf16().count()).unwrap(),
    )
}

/// The text applied with LSP edits (`TextEdit[]`), in UTF-16 positions.
pub fn edited(text: &str, edits: &Value) -> String {
    let mut spans: Vec<(usize, usize, &str)> = edits
        .as_array()
        .expect("a list of edits")
        .iter()
        .map(|edit| {
            (
                offset(text, &edit["range"]["start"]),
                offset(text, &edit["range"]["end"]),
                edit["newText"].as_str().expect("a text"),
            )
        })
        .collect();
    spans.sort_by_key(|span| std::cmp::Reverse((span.0, span.1)));
    let mut out = text.to_owned();
    for (start, end, new) in spans {
        out.replace_range(start..end, new);
    }
    out
}

/// The byte offset of an LSP position.
pub fn offset(text: &str, position: &Value) -> usize {
    let line = usize::try_from(position["line"].as_u64().unwrap()).unwrap();
    let mut units = usize::try_from(position["character"].as_u64().unwrap()).unwrap();
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut at = start;
    for c in text[start..].chars() {
        if units == 0 || c == '\n' {
            break;
        }
        units = units.saturating_sub(c.len_utf16());
        at += c.len_utf8();
    }
    at
}

/// The lines of a text that hold one of the ranges, each range underlined with its label.
pub fn marked(text: &str, marks: &[(Value, String)]) -> String {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        let here: Vec<_> = marks
            .iter()
            .filter(|(range, _)| range["start"]["line"] == number)
            .collect();
        if here.is_empty() {
            continue;
        }
        writeln!(out, "{number:>3} | {line}").unwrap();
        for (range, label) in here {
            let start = range["start"]["character"].as_u64().unwrap();
            let several = range["end"]["line"] != range["start"]["line"];
            let end = if several {
                u64::try_from(line.encode_utf16().count()).unwrap()
            } else {
                range["end"]["character"].as_u64().unwrap()
            };
            let indent = " ".repeat(usize::try_from(start).unwrap());
            let wide = usize::try_from(end.saturating_sub(start).max(1)).unwrap();
            let carets = "^".repeat(wide);
            let more = if several {
                format!(" ... to line {}", range["end"]["line"])
            } else {
                String::new()
            };
            writeln!(out, "    | {indent}{carets}{more} {label}").unwrap();
        }
    }
    out
}
