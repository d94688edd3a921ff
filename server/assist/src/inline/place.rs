//! Whether completion is switched off where the cursor is.

use metascript_syntax::Document;

use crate::settings::InlineSettings;

const COMMENTS: &[&str] = &["comment", "unclosed_comment"];
const STRINGS: &[&str] = &[
    "string",
    "string_literal",
    "string_content",
    "template",
    "template_string",
    "unclosed_string",
];

/// Whether the settings want nothing at this place.
pub(super) fn switched_off(settings: &InlineSettings, document: &Document, offset: usize) -> bool {
    if settings.in_comments && settings.in_strings {
        return false;
    }
    let (comment, string) = surroundings(document, offset);
    (comment && !settings.in_comments) || (string && !settings.in_strings)
}

fn surroundings(document: &Document, offset: usize) -> (bool, bool) {
    let line_start = document
        .slice(offset.saturating_sub(4096)..offset)
        .rfind('\n');
    let from = line_start.map_or(offset.saturating_sub(4096), |at| {
        offset.saturating_sub(4096) + at + 1
    });
    let line = document.slice(from..offset);
    if let Some((language, _)) = crate::accept::cell_at(document, offset) {
        return in_code(&line, &language);
    }
    let mut node = document
        .tree()
        .root_node()
        .descendant_for_byte_range(offset.saturating_sub(1), offset);
    let (mut comment, mut string) = (false, false);
    while let Some(found) = node {
        comment |= COMMENTS.contains(&found.kind());
        // The closing quote ends a string: behind it the cursor is outside.
        string |= STRINGS.contains(&found.kind())
            && (found.end_byte() > offset || found.kind() == "unclosed_string");
        node = found.parent();
    }
    (comment, string)
}

/// The line up to the cursor, read as most languages write strings and comments.
fn in_code(line: &str, language: &str) -> (bool, bool) {
    let marker = match language {
        "python" | "bash" | "powershell" => "#",
        "sql" => "--",
        _ => "//",
    };
    let mut quote = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, _) if line.get(at..).is_some_and(|rest| rest.starts_with(marker)) => {
                return (true, false);
            }
            _ => {}
        }
    }
    (false, quote.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_told_from_code() {
        for (text, expected) in [
            ("// note $0\nVARIABLE a {\n}\n", (true, false)),
            ("VARIABLE a {\n    value: \"he$0llo\"\n}\n", (false, true)),
            ("VARIABLE a {\n    value: \"hello\"$0\n}\n", (false, false)),
            ("VARIABLE a {\n    $0\n}\n", (false, false)),
            ("PYTHON {\n    x = 'ab$0'\n}\n", (false, true)),
            ("PYTHON {\n    x = 1 # no$0\n}\n", (true, false)),
            ("PYTHON {\n    x = $0\n}\n", (false, false)),
        ] {
            let offset = text.find("$0").unwrap();
            let document = Document::parse(&text.replacen("$0", "", 1));
            assert_eq!(surroundings(&document, offset), expected, "{text}");
        }
    }
}
