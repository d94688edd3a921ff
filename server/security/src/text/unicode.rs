//! Characters that people do not see, and that change what they believe to read.

use std::ops::Range;

/// Why a run of characters is suspicious.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hidden {
    /// Changes the direction of the text around.
    Bidi,
    /// Takes no room, or looks like a space while it is a letter.
    Invisible,
    /// Tag characters or variation selectors: text hidden in text.
    Smuggled,
}

/// A run of hidden characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HiddenRun {
    pub kind: Hidden,
    pub range: Range<usize>,
    /// The text that a smuggled run stands for.
    pub decoded: String,
    /// May be legitimate in the script around it.
    pub mild: bool,
}

fn classify(c: char) -> Option<Hidden> {
    Some(match c {
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{061c}' => Hidden::Bidi,
        '\u{e0001}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}' => Hidden::Smuggled,
        '\u{3164}'
        | '\u{ffa0}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2064}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}'
        | '\u{180e}'
        | '\u{034f}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{00ad}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{2800}' => Hidden::Invisible,
        _ => return None,
    })
}

/// Scripts that need joiners and direction marks.
fn needs_marks(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{0900}'..='\u{0dff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{1780}'..='\u{17ff}' | '\u{1000}'..='\u{109f}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}' | '\u{2190}'..='\u{21ff}' | '\u{2b00}'..='\u{2bff}')
}

/// All runs of hidden characters in a text.
pub(crate) fn hidden_runs(text: &str) -> Vec<HiddenRun> {
    let mut out: Vec<HiddenRun> = Vec::new();
    if text.is_ascii() {
        return out;
    }
    let mut before = '\n';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let Some(kind) = classify(c) else {
            before = c;
            continue;
        };
        if c == '\u{feff}' && at == 0 {
            continue;
        }
        let mut end = at + c.len_utf8();
        let mut count = 1;
        let mut decoded = String::new();
        decode(c, &mut decoded);
        while let Some((_, next)) = chars.peek().copied() {
            if classify(next) != Some(kind) {
                break;
            }
            chars.next();
            end += next.len_utf8();
            count += 1;
            decode(next, &mut decoded);
        }
        let after = chars.peek().map_or('\n', |(_, c)| *c);
        let joiner = matches!(c, '\u{200c}' | '\u{200d}')
            && count == 1
            && (is_emoji(before) && is_emoji(after) || needs_marks(before) || needs_marks(after));
        let flag = before == '\u{1f3f4}' && kind == Hidden::Smuggled;
        let variant = count == 1
            && ('\u{e0100}'..='\u{e01ef}').contains(&c)
            && ('\u{3400}'..='\u{9fff}').contains(&before);
        if joiner || flag || variant {
            continue;
        }
        let mild = matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}')
            && (needs_marks(before) || needs_marks(after))
            || matches!(c, '\u{00ad}' | '\u{2800}')
            || c == '\u{feff}' && count == 1 && before == '\n';
        out.push(HiddenRun {
            kind,
            range: at..end,
            decoded,
            mild,
        });
        if out.len() >= 1000 {
            break;
        }
    }
    out
}

/// The plain letter that a tag character or variation selector carries.
fn decode(c: char, out: &mut String) {
    let n = u32::from(c);
    let plain = match n {
        0xe0020..=0xe007e => char::from_u32(n - 0xe0000),
        0xe0100..=0xe01ef => char::from_u32(n - 0xe0100 + 16).filter(char::is_ascii_graphic),
        _ => None,
    };
    out.extend(plain);
}

/// Letters of other scripts that look like Latin ones, inside a Latin word.
pub(crate) fn mixed_words(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    if text.is_ascii() {
        return out;
    }
    let mut start = None;
    let (mut latin, mut alike) = (0, 0);
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_alphanumeric() || c == '_' {
            start.get_or_insert(at);
            if c.is_ascii_alphabetic() {
                latin += 1;
            }
            if "аеорсухіјѕԁһӏАВЕКМНОРСТХІЅЈαοριυνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ".contains(c)
            {
                alike += 1;
            } else if !c.is_ascii() {
                alike = -1000;
            }
        } else if let Some(s) = start.take() {
            if latin > 0 && alike > 0 && latin + alike > 2 {
                out.push(s..at);
            }
            (latin, alike) = (0, 0);
        }
        if out.len() >= 100 {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_told_from_needed_ones() {
        assert_eq!(
            hidden_runs("a\u{202e}b").first().map(|r| r.kind),
            Some(Hidden::Bidi)
        );
        assert_eq!(hidden_runs("ab\u{3164}c").len(), 1);
        assert!(hidden_runs("👩\u{200d}💻 \u{feff}".trim_end_matches('\u{feff}')).is_empty());
        assert!(hidden_runs("می\u{200c}خواهم").is_empty());
        assert!(hidden_runs("\u{feff}text, 안녕하세요, ㄱㅏ").is_empty());
        let smuggled: String = "hi"
            .chars()
            .filter_map(|c| char::from_u32(u32::from(c) + 0xe0000))
            .collect();
        assert_eq!(
            hidden_runs(&format!("x{smuggled}"))
                .first()
                .map(|r| r.decoded.clone()),
            Some("hi".to_owned())
        );
        assert_eq!(mixed_words("p\u{430}ypal мир naïve").len(), 1);
    }
}
