//! What looks like a secret. The shapes of providers' keys are data (`secrets.toml`).

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::{Regex, RegexSet};
use serde::Deserialize;

use super::assignment;
use super::view::views;

#[derive(Deserialize)]
struct Table {
    secret: Vec<Shape>,
}

#[derive(Deserialize)]
struct Shape {
    #[allow(
        dead_code,
        reason = "for people who read the table, and for the test that names what was missed"
    )]
    name: String,
    pattern: String,
}

struct Shapes {
    any: RegexSet,
    each: Vec<Regex>,
}

static SHAPES: LazyLock<Option<Shapes>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("secrets.toml")).ok()?;
    let patterns: Vec<&str> = table
        .secret
        .iter()
        .map(|shape| shape.pattern.as_str())
        .collect();
    let any = RegexSet::new(&patterns).ok()?;
    let each = patterns
        .iter()
        .map(|pattern| Regex::new(pattern).ok())
        .collect::<Option<_>>()?;
    Some(Shapes { any, each })
});

static WORD: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_\-]{16,}={0,2}").ok());

/// How many layers of encoding are taken off.
const MAX_LAYERS: usize = 3;

/// The ranges of a text that look secret, unordered, perhaps overlapping.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges = assignment::values(text);
    for (view, random_words) in views(text) {
        let mut found = shapes(&view.text);
        found.extend(words(&view.text, random_words));
        for range in found {
            ranges.extend(view.pieces(&range));
        }
    }
    ranges
}

/// Matches of the known shapes; the group `s` if a shape has it, else the whole match.
fn shapes(text: &str) -> Vec<Range<usize>> {
    let Some(shapes) = SHAPES.as_ref() else {
        return Vec::new();
    };
    let mut ranges = Vec::new();
    for index in shapes.any.matches(text) {
        let Some(regex) = shapes.each.get(index) else {
            continue;
        };
        for groups in regex.captures_iter(text) {
            if let Some(found) = groups.name("s").or_else(|| groups.get(0)) {
                ranges.push(found.range());
            }
        }
    }
    ranges
}

/// Words that hide a secret under an encoding, or that look random.
fn words(text: &str, random_words: bool) -> Vec<Range<usize>> {
    let Some(word) = WORD.as_ref() else {
        return Vec::new();
    };
    word.find_iter(text)
        .filter(|found| {
            (random_words && looks_random(found.as_str())) || hides_secret(found.as_str(), 0)
        })
        .map(|found| found.range())
        .collect()
}

/// Whether a word decodes to a text that holds a secret.
fn hides_secret(word: &str, layer: usize) -> bool {
    if layer >= MAX_LAYERS || word.len() > 64 << 10 {
        return false;
    }
    decodings(word).into_iter().any(|text| {
        if !shapes(&text).is_empty() || !assignment::values(&text).is_empty() {
            return true;
        }
        WORD.as_ref().is_some_and(|inner| {
            inner
                .find_iter(&text)
                .any(|found| hides_secret(found.as_str(), layer + 1))
        })
    })
}

fn decodings(word: &str) -> Vec<String> {
    static LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let mut texts = Vec::new();
    let mut keep = |bytes: Option<Vec<u8>>| {
        if let Some(text) = bytes.and_then(|bytes| String::from_utf8(bytes).ok())
            && text
                .chars()
                .filter(|c| c.is_control() && !c.is_whitespace())
                .count()
                == 0
        {
            texts.push(text);
        }
    };
    keep(
        GeneralPurpose::new(&alphabet::STANDARD, LENIENT)
            .decode(word)
            .ok(),
    );
    keep(
        GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT)
            .decode(word)
            .ok(),
    );
    keep(hex(word));
    texts
}

fn hex(word: &str) -> Option<Vec<u8>> {
    let digits = word.strip_prefix("0x").unwrap_or(word).as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Whether a word is more random than words of languages, paths and names are: letters of both cases and digits
/// mixed, or long hexadecimal, with a high entropy per character.
fn looks_random(word: &str) -> bool {
    let word = word.trim_end_matches('=');
    // A path or a name of several words is judged by its longest part.
    let part = word
        .split(['/', '_', '-'])
        .max_by_key(|part| part.len())
        .unwrap_or(word);
    let count = |test: fn(&u8) -> bool| part.as_bytes().iter().filter(|byte| test(byte)).count();
    let (digits, upper, lower) = (
        count(u8::is_ascii_digit),
        count(u8::is_ascii_uppercase),
        count(u8::is_ascii_lowercase),
    );
    if part.len() >= 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return digits >= 4 && entropy(part) > 3.0;
    }
    if part.len() < 20 || digits < 2 || upper + lower < 4 {
        return false;
    }
    let mixed = upper >= 2 && lower >= 2;
    let changes = part
        .as_bytes()
        .windows(2)
        .filter(|pair| class(pair.first()) != class(pair.last()))
        .count();
    (mixed && changes * 4 >= part.len() && entropy(part) > 3.5)
        || (changes * 3 >= part.len() && entropy(part) > 3.3)
}

fn class(byte: Option<&u8>) -> u8 {
    match byte {
        Some(b'0'..=b'9') => 0,
        Some(b'a'..=b'z') => 1,
        Some(b'A'..=b'Z') => 2,
        _ => 3,
    }
}

/// Shannon entropy, in bits per byte.
fn entropy(word: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in word.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    #[allow(clippy::cast_precision_loss)]
    let total = word.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|p| -p * p.log2())
        .sum()
}

/// The names and patterns of the table, for tests.
#[cfg(test)]
pub(super) fn table_faults() -> Vec<String> {
    let table: Table = toml::from_str(include_str!("secrets.toml")).unwrap();
    table
        .secret
        .iter()
        .filter(|shape| Regex::new(&shape.pattern).is_err())
        .map(|shape| shape.name.clone())
        .collect()
}
