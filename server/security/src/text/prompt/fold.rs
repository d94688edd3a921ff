//! One spelling for what reads the same: case, accents, wide and look-alike letters, invisible characters, spaces.

use std::ops::Range;

/// A text in one spelling, and where each of its bytes came from.
#[derive(Default)]
pub(super) struct Folded {
    pub text: String,
    origin: Vec<u32>,
}

impl Folded {
    /// The range of the original text that a range of the folded one stands for.
    pub fn original(&self, range: &Range<usize>) -> Range<usize> {
        let at = |k: usize| {
            self.origin
                .get(k)
                .or(self.origin.last())
                .map_or(0, |o| *o as usize)
        };
        at(range.start)..at(range.end).max(at(range.start))
    }

    fn push(&mut self, text: &str, origin: usize) {
        self.text.push_str(text);
        let origin = u32::try_from(origin).unwrap_or(u32::MAX);
        self.origin.resize(self.text.len(), origin);
    }
}

/// Letters of other scripts that look like Latin ones, and these.
const ALIKE: &str = "аaеeоoрpсcуyхxіiјjѕsԁdһhӏlАaВbЕeКkМmНhОoРpСcТtХxІiЅsЈjαaοoρpυuνvιiκkτtΑaΒbΕeΖzΗhΙiΚkΜmΝnΟoΡpΤtΥyΧxɡgɑaօoոnսu";
const LATIN_1: &str = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy";
const EXTENDED: &str = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

fn latin(c: char) -> Option<char> {
    let n = usize::try_from(u32::from(c)).ok()?;
    let from = |table: &str, at: usize| table.as_bytes().get(at).map(|b| char::from(*b));
    Some(match n {
        0xc0..=0xff => from(LATIN_1, n - 0xc0)?,
        0x100..=0x17f => from(EXTENDED, n - 0x100)?,
        0x218 | 0x219 => 's',
        0x21a | 0x21b => 't',
        0x1a0 | 0x1a1 | 0x1ecc..=0x1ee3 => 'o',
        0x1af | 0x1b0 | 0x1ee4..=0x1ef1 => 'u',
        0x1ea0..=0x1eb7 => 'a',
        0x1eb8..=0x1ec7 => 'e',
        0x1ec8..=0x1ecb => 'i',
        0x1ef2..=0x1ef9 => 'y',
        // Full width, mathematical, and circled letters.
        0xff01..=0xff5e => char::from(u8::try_from(n - 0xff01 + 0x21).ok()?),
        0x1d400..=0x1d6a3 => char::from(b'a' + u8::try_from((n - 0x1d400) % 26).ok()?),
        0x24b6..=0x24e9 => char::from(b'a' + u8::try_from((n - 0x24b6) % 26).ok()?),
        0x1f130..=0x1f189 => char::from(b'a' + u8::try_from((n - 0x1f130) % 32 % 26).ok()?),
        _ => return None,
    })
}

fn invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{300}'..='\u{36f}'
        | '\u{64b}'..='\u{652}' | '\u{5b0}'..='\u{5c7}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a word holds Latin letters, so that look-alikes in it are meant as Latin ones.
fn mixed(word: &str) -> bool {
    word.bytes().any(|b| b.is_ascii_alphabetic()) && !word.is_ascii()
}

pub(super) fn fold(text: &str) -> Folded {
    let mut out = Folded::default();
    let mut last = '\n';
    for word in text.split_inclusive(char::is_whitespace) {
        let mixed = mixed(word);
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        for (k, c) in word.char_indices() {
            if invisible(c) {
                continue;
            }
            let c = match c {
                '\u{2018}' | '\u{2019}' | '\u{201b}' | '`' | '\u{b4}' | '\u{2032}' => '\'',
                '\u{201c}'..='\u{201f}' | '«' | '»' | '\u{201a}' | '「' | '」' => '"',
                // A code-word or pass_phrase is two words.
                '-' | '_' | '\u{2010}'..='\u{2015}' => ' ',
                c if c.is_whitespace() && c != '\n' => ' ',
                c => c,
            };
            if (c == ' ' || c == '\n') && matches!(last, ' ' | '\n') {
                if c == '\n' {
                    last = c;
                    out.text.pop();
                    out.origin.pop();
                    out.push("\n", start + k);
                }
                continue;
            }
            last = c;
            push_letter(&mut out, c, mixed, start + k);
        }
    }
    out.origin
        .push(u32::try_from(text.len()).unwrap_or(u32::MAX));
    out
}

fn push_letter(out: &mut Folded, c: char, mixed: bool, at: usize) {
    let mut buffer = [0; 4];
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase().encode_utf8(&mut buffer), at);
        return;
    }
    if mixed {
        let mut letters = ALIKE.chars();
        while let (Some(other), Some(plain)) = (letters.next(), letters.next()) {
            if other == c {
                out.push(plain.encode_utf8(&mut buffer), at);
                return;
            }
        }
    }
    match c {
        'ß' => out.push("ss", at),
        'æ' | 'Æ' => out.push("ae", at),
        'œ' | 'Œ' => out.push("oe", at),
        _ => match latin(c) {
            Some(plain) => out.push(plain.to_ascii_lowercase().encode_utf8(&mut buffer), at),
            None => {
                for low in c.to_lowercase().filter(|c| !invisible(*c)) {
                    let low = match low {
                        'ё' => 'е',
                        'й' => 'и',
                        'ά' => 'α',
                        'έ' => 'ε',
                        'ή' => 'η',
                        'ί' => 'ι',
                        'ό' => 'ο',
                        'ύ' => 'υ',
                        'ώ' => 'ω',
                        'أ' | 'إ' | 'آ' => 'ا',
                        low => low,
                    };
                    out.push(low.encode_utf8(&mut buffer), at);
                }
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_is_spelled_the_same() {
        for (text, expected) in [
            ("Précédentes  CONTRASEÑA", "precedentes contrasena"),
            ("ｉｇｎｏｒｅ \u{1d422}\u{1d420}", "ignore ig"),
            ("i\u{200b}g\u{200b}n", "ign"),
            ("p\u{430}ssw\u{43e}rd мир", "password мир"),
            ("code-word \n\n x", "code word\nx"),
            ("Önceki talimatları", "onceki talimatlari"),
            ("mật khẩu", "mat khau"),
        ] {
            assert_eq!(fold(text).text, expected, "{text}");
        }
        let folded = fold("é pass");
        assert_eq!(folded.original(&(2..6)), 3..7);
    }
}
