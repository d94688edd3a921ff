//! Characters that a reader does not see, or that change what the reader sees.

/// Whether a character is invisible or reorders text: bidirectional controls, zero-width characters, tags,
/// variation selectors beyond the one for emoji, and controls other than tab, newline and carriage return.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0E}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether a text holds a hidden character. A joiner between two emoji is no more than a part of one picture.
pub fn has_hidden(text: &str) -> bool {
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let joins = c == '\u{200D}'
            && before.is_some_and(is_picture)
            && chars.peek().copied().is_some_and(is_picture);
        if is_hidden(c) && !joins {
            return true;
        }
        before = Some(c);
    }
    false
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_passes_and_what_is_not_does_not() {
        for seen in ["plain\n\ttext\r\n", "größe, 漢字, عربى", "👩‍💻 ☕️ ❤️‍🔥", ""]
        {
            assert!(!has_hidden(seen), "{seen:?}");
        }
        for hidden in [
            "a\u{202E}b",
            "a\u{200B}b",
            "x\u{E0041}",
            "\u{2066}if",
            "a\u{200D}b",
            "\u{1B}[31m",
            "\u{FEFF}x",
        ] {
            assert!(has_hidden(hidden), "{hidden:?}");
        }
    }
}
