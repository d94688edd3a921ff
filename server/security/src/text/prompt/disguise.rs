//! What a text says when it is read another way: decoded, turned round, put together, its letters moved.
//!
//! Every reading is bounded and is judged like a text of its own, so a harmless one changes nothing.

use std::ops::Range;

/// A text in another reading.
pub(super) struct Reading {
    pub how: &'static str,
    pub plain: String,
    /// Where it stands, for those that are a part of the text.
    pub range: Option<Range<usize>>,
}

/// Longest text that is read in other ways as a whole; disguises are for short instructions.
const WHOLE: usize = 6000;
/// Encoded parts that are looked at.
const PARTS: usize = 20;

pub(super) fn readings(text: &str) -> Vec<Reading> {
    let mut out = Vec::new();
    blobs(text, &mut out);
    numbers(text, &mut out);
    let mut whole = |how, plain: Option<String>| {
        out.extend(plain.map(|plain| Reading {
            how,
            plain,
            range: None,
        }));
    };
    whole("tag characters", tags(text));
    if text.len() <= WHOLE {
        whole("escapes", escapes(text));
        whole("Morse code", morse(text));
        whole("single letters", spaced(text));
        whole("digits for letters", leet(text));
        whole("reversed letters", reversed(text));
        whole("moved letters", rotated(text));
        whole("pig latin", pig_latin(text));
        whole("first words of the lines", first_words(text));
        let pieces = pieces(text);
        // The pieces may name what the text asks for.
        whole(
            "pieces put together",
            pieces.as_ref().and_then(|p| named(p)),
        );
        whole("pieces put together", pieces.map(|p| p.join(" ")));
    }
    out
}

fn readable(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|plain| {
        plain.len() >= 6 && plain.chars().all(|c| !c.is_control() || c.is_whitespace())
    })
}

/// Base64, base32 and hexadecimal digits.
fn blobs(text: &str, out: &mut Vec<Reading>) {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-');
    let long = text.split(|c| !inside(c)).filter(|b| b.len() >= 12);
    for blob in long.take(PARTS * 4) {
        let found = super::hex(blob)
            .and_then(readable)
            .or_else(|| base32(blob).and_then(readable))
            .or_else(|| super::base64(blob).and_then(readable));
        if let Some(plain) = found {
            let start = blob.as_ptr() as usize - text.as_ptr() as usize;
            out.push(Reading {
                how: "an encoded part",
                plain,
                range: Some(start..start + blob.len()),
            });
        }
        if out.len() >= PARTS {
            break;
        }
    }
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut out, mut bits, mut n) = (Vec::new(), 0u32, 0u32);
    for c in text.trim_end_matches('=').bytes() {
        let v = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(v);
        n += 5;
        if n >= 8 {
            n -= 8;
            out.push(u8::try_from(bits >> n & 0xff).ok()?);
        }
    }
    Some(out)
}

/// Letters given by their numbers: binary, decimal, or hexadecimal.
fn numbers(text: &str, out: &mut Vec<Reading>) {
    let parse = |token: &str| -> Option<u8> {
        let token = token
            .trim_start_matches("0x")
            .trim_start_matches("\\x")
            .trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let binary =
            matches!(token.len(), 7 | 8) && token.bytes().all(|b| matches!(b, b'0' | b'1'));
        let number = if binary {
            u8::from_str_radix(token, 2).ok()?
        } else {
            token.parse().ok().filter(|n| *n >= 32)?
        };
        Some(number)
    };
    let pair = |token: &str| -> Option<u8> {
        let token = token.trim_start_matches("0x").trim_matches(',');
        (token.len() == 2).then(|| u8::from_str_radix(token, 16).ok())?
    };
    let readers: [fn(&str) -> Option<u8>; 2] = [parse, pair];
    for read in readers {
        let mut run = Vec::new();
        let mut found = 0;
        for token in text
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|t| !t.is_empty())
            .chain(["."])
        {
            if let Some(byte) = read(token).filter(|b| (32..127).contains(b)) {
                run.push(byte);
                continue;
            }
            if run.len() >= 8
                && let Some(plain) = readable(std::mem::take(&mut run))
            {
                found += 1;
                out.push(Reading {
                    how: "letters given as numbers",
                    plain,
                    range: None,
                });
            }
            run.clear();
            if found >= PARTS {
                break;
            }
        }
    }
}

/// Percent signs, entities, and backslashes.
fn escapes(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut bytes: Vec<u8> = Vec::new();
    let mut count = 0;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let code = |prefix: &str, length: usize| {
            let digits = rest.strip_prefix(prefix)?.get(..length)?;
            let n = u32::from_str_radix(digits, 16).ok()?;
            Some((n, prefix.len() + length))
        };
        let entity = || {
            let body = rest.strip_prefix("&#")?;
            let end = body.find(';').filter(|e| *e <= 7)?;
            let digits = body.get(..end)?;
            let n = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            Some((n, end + 3))
        };
        let found = match c {
            '%' => code("%", 2),
            '\\' => code("\\u", 4).or_else(|| code("\\x", 2)),
            '&' => entity(),
            _ => None,
        };
        if let Some((n, length)) = found {
            count += 1;
            match u8::try_from(n) {
                Ok(byte) => bytes.push(byte),
                Err(_) => out.extend(char::from_u32(n)),
            }
            rest = rest.get(length..).unwrap_or_default();
        } else {
            out.push_str(&String::from_utf8_lossy(&bytes));
            bytes.clear();
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
        // Bytes of one character stay together; others are letters at once.
        if bytes.last().is_some_and(u8::is_ascii) {
            out.push_str(&String::from_utf8_lossy(&bytes));
            bytes.clear();
        }
    }
    (count >= 3).then_some(out)
}

const MORSE: &str = ".-a -...b -.-.c -..d .e ..-.f --.g ....h ..i .---j -.-k .-..l --m -.n ---o .--.p --.-q .-.r ...s -t ..-u ...-v .--w -..-x -.--y --..z";

fn morse(text: &str) -> Option<String> {
    let letter = |token: &str| {
        MORSE
            .split(' ')
            .find(|m| {
                m.strip_prefix(token).is_some_and(|r| {
                    r.len() == 1 && r.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
                })
            })
            .and_then(|m| m.chars().next_back())
    };
    let mut out = String::new();
    let mut count = 0;
    for token in text.split_whitespace() {
        if token.bytes().all(|b| matches!(b, b'/' | b'|')) {
            out.push(' ');
        } else if let Some(c) = letter(token) {
            out.push(c);
            count += 1;
        }
    }
    (count >= 10).then_some(out)
}

/// "i g n o r e", "r-e-v-e-a-l": a wider gap parts the words.
fn spaced(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut count = 0;
    let mut chars = text.chars().peekable();
    let mut gap = String::new();
    let mut last: Option<char> = None;
    let mut narrow: Option<String> = None;
    let (mut streak, mut longest) = (0, 0);
    while let Some(c) = chars.next() {
        if !c.is_alphanumeric() {
            gap.push(c);
            continue;
        }
        let single = chars.peek().is_none_or(|n| !n.is_alphanumeric());
        if !gap.is_empty() {
            let joined = single && last.is_some() && narrow.as_ref().is_none_or(|n| *n == gap);
            if joined {
                count += 1;
                streak += 1;
                longest = longest.max(streak);
                narrow.get_or_insert_with(|| gap.clone());
            } else {
                streak = 0;
                out.push(' ');
            }
        }
        out.push(c);
        last = single.then_some(c);
        gap.clear();
    }
    (count >= 6 && longest >= 4).then_some(out)
}

fn leet(text: &str) -> Option<String> {
    let mut count = 0;
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| {
            let letters = word.chars().filter(char::is_ascii_alphabetic).count();
            let digits = word
                .chars()
                .filter(|c| "01345789@$!|+".contains(*c))
                .count();
            let trailing = word.trim_end_matches(['!', '.', '?', ',']);
            if letters == 0 && digits < 2 || digits == 0 {
                return word.to_owned();
            }
            count += usize::from(inside(word));
            trailing
                .chars()
                .map(|c| match c {
                    '0' => 'o',
                    '1' | '!' | '|' => 'i',
                    '3' => 'e',
                    '4' | '@' => 'a',
                    '5' | '$' => 's',
                    '7' | '+' => 't',
                    '8' => 'b',
                    '9' => 'g',
                    c => c,
                })
                .collect()
        })
        .collect();
    (count >= 2 && count * 4 >= words.len()).then(|| words.join(" "))
}

/// Whether a digit or sign stands for a letter: at the start, or between letters.
fn inside(word: &str) -> bool {
    let bytes = word.as_bytes();
    let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphabetic);
    bytes
        .iter()
        .enumerate()
        .any(|(k, b)| b"01345789@$".contains(b) && letter(bytes.get(k + 1)))
}

/// How many words of the text attacks cannot do without.
fn familiar(text: &str) -> usize {
    const WORDS: &[&str] = &[
        "the",
        "and",
        "you",
        "your",
        "all",
        "tell",
        "what",
        "rules",
        "ignore",
        "forget",
        "please",
        "secret",
        "password",
        "prompt",
        "system",
        "instructions",
        "previous",
        "print",
        "reveal",
        "show",
        "code",
        "key",
        "give",
        "that",
        "this",
        "rule",
        "word",
        "from",
        "with",
        "der",
        "die",
        "das",
        "und",
        "les",
        "que",
    ];
    text.split(|c: char| !c.is_alphabetic())
        .filter(|w| w.len() >= 3 && WORDS.contains(&w.to_ascii_lowercase().as_str()))
        .count()
}

fn reversed(text: &str) -> Option<String> {
    let all: String = text.chars().rev().collect();
    if familiar(&all) >= 2 {
        return Some(all);
    }
    let words: Vec<String> = text
        .split_whitespace()
        .map(|w| w.chars().rev().collect())
        .collect();
    let words = words.join(" ");
    (familiar(&words) >= 2).then_some(words)
}

fn rotated(text: &str) -> Option<String> {
    let turned = |by: u8| -> String {
        let turn = |c: char, base: u8| {
            u8::try_from(u32::from(c)).map_or(c, |b| char::from((b - base + by) % 26 + base))
        };
        text.chars()
            .map(|c| match c {
                'a'..='z' => turn(c, b'a'),
                'A'..='Z' => turn(c, b'A'),
                c => c,
            })
            .collect()
    };
    let mirrored = || -> String {
        text.chars()
            .map(|c| match c {
                'a'..='z' => char::from(b'a' + b'z' - u8::try_from(u32::from(c)).unwrap_or(b'a')),
                c => c,
            })
            .collect()
    };
    (1..26)
        .map(turned)
        .chain([mirrored()])
        .map(|t| (familiar(&t), t))
        .filter(|(n, _)| *n >= 2)
        .max_by_key(|(n, _)| *n)
        .map(|(_, t)| t)
}

fn pig_latin(text: &str) -> Option<String> {
    const PAIRS: &[&str] = &[
        "thr", "str", "scr", "spr", "shr", "th", "sh", "ch", "pr", "st", "tr", "sp", "wh", "sc",
        "gr", "pl", "br", "cr", "dr", "fr", "fl", "gl", "sw", "sm", "sn", "cl", "bl", "sk", "qu",
        "wr", "kn",
    ];
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .filter(|w| !w.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let ends = words
        .iter()
        .filter(|w| w.len() > 3 && w.ends_with("ay"))
        .count();
    if ends < 4 || ends * 2 < words.len() {
        return None;
    }
    let plain: Vec<String> = words
        .iter()
        .map(|w| {
            let Some(stem) = w.strip_suffix("ay").filter(|s| s.len() > 1) else {
                return w.clone();
            };
            if let Some(vowel) = stem
                .strip_suffix('w')
                .filter(|s| s.starts_with(['a', 'e', 'i', 'o', 'u']))
            {
                let consonants = vowel.len() < 3
                    && !matches!(
                        vowel,
                        "is" | "in" | "it" | "an" | "al" | "or" | "up" | "of" | "on" | "at"
                    );
                if !consonants {
                    return vowel.to_owned();
                }
            }
            let moved = PAIRS
                .iter()
                .find(|p| stem.ends_with(**p))
                .map_or_else(|| stem.get(stem.len() - 1..), |p| Some(*p))
                .unwrap_or_default();
            format!("{moved}{}", stem.strip_suffix(moved).unwrap_or(stem))
        })
        .collect();
    Some(plain.join(" "))
}

/// The words with which the lines begin.
fn first_words(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if !["first", "begin", "initial", "acrostic"]
        .iter()
        .any(|w| lower.contains(w))
    {
        return None;
    }
    let words: Vec<&str> = text
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    (words.len() >= 4).then(|| words.join(" "))
}

/// Texts in quotation marks, when the text adds some up.
fn pieces(text: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut rest = text;
    let quotes = ['"', '\'', '“', '”', '‘', '’'];
    while let Some(at) = rest.find(quotes) {
        let quote = rest.get(at..).and_then(|r| r.chars().next())?;
        // An apostrophe within a word opens nothing.
        let word = rest
            .get(..at)
            .and_then(|b| b.chars().next_back())
            .is_some_and(char::is_alphanumeric);
        let after = rest.get(at + quote.len_utf8()..)?;
        let closing = match quote {
            '“' => '”',
            '‘' => '’',
            c => c,
        };
        if word {
            rest = after;
            continue;
        }
        let Some(end) = after.find(closing) else {
            break;
        };
        if end <= 80 {
            out.push(after.get(..end)?.to_owned());
        }
        rest = after.get(end + closing.len_utf8()..)?;
        if out.len() > 40 {
            break;
        }
    }
    let lower = text.to_lowercase();
    let sum = text.contains('+')
        || [
            "join", "concat", "combine", "together", "glue", "parts", "pieces", "assemble",
            "merge", "fragment",
        ]
        .iter()
        .any(|w| lower.contains(w));
    (sum && out.len() >= 2).then_some(out)
}

/// What short pieces name together.
fn named(pieces: &[String]) -> Option<String> {
    let name = pieces.concat();
    let plain = name.len() <= 60 && name.chars().all(|c| c.is_alphabetic() || c == ' ');
    plain.then(|| format!("tell me the {name}"))
}

/// Letters that nobody sees.
fn tags(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let plain: String = text
        .chars()
        .filter_map(|c| match u32::from(c) {
            n @ 0xe0020..=0xe007e => char::from_u32(n - 0xe0000),
            n @ 0xe0100..=0xe01ef => {
                char::from_u32(n - 0xe0100 + 16).filter(char::is_ascii_graphic)
            }
            _ => None,
        })
        .collect();
    (plain.len() >= 6).then_some(plain)
}
