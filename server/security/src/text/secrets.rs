//! Credentials in text: formats of providers, names of variables, shape, entropy, placeholders.

mod given;
mod named;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use crate::lazy_regex::{LazyRegex, Match};

use given::is_given;
use named::{
    last_word, looks_like_code, names_a_credential, not_a_secret_name, password_like,
    plain_value_allowed, random_looking,
};

/// One format of a provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Format {
    id: String,
    name: String,
    pattern: String,
    /// Least bits per character of the matched value.
    #[serde(default)]
    entropy: f64,
    /// Texts one of which is in every match, for a pattern whose beginning cannot be told or says little.
    #[serde(default)]
    signs: Vec<String>,
    /// What every match begins with; added when the rules are built.
    #[serde(default)]
    heads: Vec<String>,
    /// Every match begins where a word does.
    #[serde(default)]
    bound: bool,
    /// Bytes of the shortest match.
    #[serde(default)]
    least: usize,
    /// Bytes of the longest match, where it has a bound.
    #[serde(default)]
    reach: Option<usize>,
    /// An example, in pieces so that it stands nowhere as a whole.
    sample: Vec<String>,
}

#[derive(Deserialize)]
struct Table {
    formats: Vec<Format>,
    services: Vec<String>,
    placeholders: Vec<String>,
}

/// A credential in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secret {
    /// `SEC-TOKEN` and the like.
    pub rule: &'static str,
    /// The provider, or the name of the variable.
    pub what: String,
    /// Where the value stands.
    pub range: Range<usize>,
    /// The format leaves no doubt.
    pub certain: bool,
}

/// What a text found by the first pass may be part of.
#[derive(Clone, Copy)]
enum Sign {
    Format(usize),
    /// A name that credentials have.
    Assigned,
    /// The name of a service.
    Service,
    /// The middle of an address.
    Url,
}

/// Where the second pass has to look.
#[derive(Default)]
struct Places {
    /// By format, in the order of the table.
    formats: BTreeMap<usize, Vec<Range<usize>>>,
    /// The words in names of credentials, and the names of services.
    assigned: Vec<Range<usize>>,
    service: Vec<Range<usize>>,
    url: Vec<Range<usize>>,
}

/// How much of a name is looked at on each side of the word that gives it away, in bytes.
const LONGEST_NAME: usize = 40;

/// How far a match can reach before and behind such a word.
const BEFORE: usize = 64;
const BEHIND: usize = 512;

/// How much of a credential without a bound is looked at, in bytes.
const REACH: usize = 4096;

struct Compiled {
    formats: Vec<(Format, LazyRegex)>,
    /// Finds, in one pass, what formats begin with and the words that give other credentials away.
    signs: AhoCorasick,
    texts: Vec<String>,
    /// What each of these texts is a sign of.
    owners: Vec<Sign>,
    /// Formats whose beginning cannot be told: words that are long.
    headless: Vec<usize>,
    placeholders: LazyRegex,
    /// What follows the name of a service when a key of it stands there.
    service: LazyRegex,
    url: LazyRegex,
}

impl Compiled {
    /// The places of a text where a credential may stand.
    fn places(&self, text: &str) -> Places {
        let mut out = Places::default();
        for k in &self.headless {
            let least = self.formats.get(*k).map_or(0, |(format, _)| format.least);
            out.formats.insert(*k, long_words(text, least));
        }
        for found in self.signs.find_overlapping_iter(text) {
            let (list, before, behind) = match self.owners.get(found.pattern().as_usize()) {
                Some(Sign::Format(k)) => {
                    let Some((format, _)) = self.formats.get(*k) else {
                        continue;
                    };
                    // The search takes no notice of case; most formats do.
                    let sign = self.texts.get(found.pattern().as_usize());
                    if sign.map(String::as_str) != text.get(found.range())
                        && !format.pattern.starts_with("(?i)")
                    {
                        continue;
                    }
                    let reach = format.reach.unwrap_or(REACH).min(REACH);
                    let begins = format.signs.is_empty();
                    if begins && format.bound && within_word(text, found.start()) {
                        continue;
                    }
                    // One more on each side: a pattern may ask for the bound of a word.
                    let before = if begins { 1 } else { reach + 1 };
                    (out.formats.entry(*k).or_default(), before, reach + 1)
                }
                Some(Sign::Assigned) => {
                    if is_given(text, found.end(), b"_.-") {
                        out.assigned.push(found.range());
                    }
                    continue;
                }
                Some(Sign::Service) => {
                    if is_given(text, found.end(), b"_. \t-") {
                        out.service.push(found.range());
                    }
                    continue;
                }
                Some(Sign::Url) if has_password(text, found.end()) => {
                    (&mut out.url, BEFORE, BEHIND)
                }
                _ => continue,
            };
            let start = text.floor_char_boundary(found.start().saturating_sub(before));
            let end = text.ceil_char_boundary(found.end() + behind);
            match list.last_mut().filter(|last| start <= last.end) {
                Some(last) => last.end = last.end.max(end),
                None => list.push(start..end),
            }
        }
        out
    }
}

/// Whether the word that stands here began before.
fn within_word(text: &str, at: usize) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|k| bytes.get(k));
    before.is_some_and(is_word) && bytes.get(at).is_some_and(is_word)
}

/// The words of at least so many bytes; only every so many bytes are looked at where words are shorter.
fn long_words(text: &str, least: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let in_word = |b: &u8| b.is_ascii_alphanumeric() || b"_.+/=~-".contains(b);
    let mut out: Vec<Range<usize>> = Vec::new();
    let mut end = 0;
    for at in (0..bytes.len()).step_by(least.max(1)) {
        if at < end || !bytes.get(at).is_some_and(in_word) {
            continue;
        }
        let before = bytes.get(end..at).unwrap_or_default().iter().rev();
        let start = at - before.take_while(|b| in_word(b)).count();
        let rest = bytes.get(at..).unwrap_or_default().iter();
        end = at + rest.take_while(|b| in_word(b)).count();
        if end - start >= least {
            out.push(start..end);
        }
    }
    out
}

/// Whether an address goes on to an `@` before it ends.
fn has_password(text: &str, from: usize) -> bool {
    text.as_bytes()
        .iter()
        .skip(from)
        .take(BEHIND)
        .take_while(|b| !b.is_ascii_whitespace() && !b"'\"<>/".contains(b))
        .any(|b| *b == b'@')
}

static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| {
    let table: Table = serde_json::from_str(built_in!("secrets")).ok()?;
    let placeholders = LazyRegex::new(format!("(?i)({})", table.placeholders.join("|")));
    let service = LazyRegex::new(
        r#"^([A-Za-z0-9_.\t -]{0,30})['"\]]{0,2}\s*(?:=>|:=|={1,3}|:|,)\s*['"`\s=]{0,3}([A-Za-z0-9_=.+/-]{16,150})['"`]?"#.to_owned(),
    );
    let url = LazyRegex::new(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\x22<>]{0,60}:([^\s:/@'\x22<>]{3,100})@[a-z0-9.\[\]-]+".to_owned());
    let (mut texts, mut owners, mut headless) = (Vec::new(), Vec::new(), Vec::new());
    for (k, format) in table.formats.iter().enumerate() {
        let signs: Vec<&String> = format.heads.iter().chain(&format.signs).collect();
        if signs.is_empty() {
            headless.push(k);
        }
        for sign in signs {
            owners.push(Sign::Format(k));
            texts.push(sign.clone());
        }
    }
    let words = [
        "pass", "pwd", "secret", "token", "key", "auth", "client", "cred", "webhook",
    ];
    for word in words {
        owners.push(Sign::Assigned);
        texts.push(word.to_owned());
    }
    for service in &table.services {
        owners.push(Sign::Service);
        texts.push(service.clone());
    }
    owners.push(Sign::Url);
    texts.push("://".to_owned());
    let signs = AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(&texts)
        .ok()?;
    let formats = table
        .formats
        .into_iter()
        .map(|f| {
            let re = LazyRegex::new(f.pattern.clone());
            (f, re)
        })
        .collect();
    Some(Compiled {
        formats,
        signs,
        texts,
        owners,
        headless,
        placeholders,
        service,
        url,
    })
});

/// Shannon entropy in bits per character.
pub(crate) fn entropy(text: &str) -> f64 {
    let mut counts = [0u32; 256];
    for b in text.bytes() {
        if let Some(c) = counts.get_mut(b as usize) {
            *c += 1;
        }
    }
    let n = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX)).max(1.0);
    counts
        .iter()
        .filter(|c| **c > 0)
        .map(|c| f64::from(*c) / n)
        .map(|p| -p * p.log2())
        .sum()
}

/// Whether a value is there to be replaced, not a real credential.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let v = value.trim();
    if v.len() < 4
        || v.starts_with(['<', '$', '{', '%', '[', '('])
        || v.contains("${")
        || v.contains("{{")
        || v.contains("...")
        || v.contains("***")
    {
        return true;
    }
    let mut distinct: Vec<char> = v.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.len() <= 3 && v.len() > 5 {
        return true;
    }
    let lower = v.to_ascii_lowercase();
    if [
        "abcdefghij",
        "0123456789abcdef0123456789abcdef",
        "01234567890123456789",
    ]
    .iter()
    .any(|s| lower.contains(s))
    {
        return true;
    }
    COMPILED
        .as_ref()
        .is_some_and(|c| c.placeholders.is_match(v))
}

/// For formats that leave little doubt: only what nobody could mistake for a real value.
fn is_obviously_fake(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let mut distinct: Vec<char> = lower.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct.len() <= 6
        || [
            "example",
            "xxxx",
            "your_",
            "your-",
            "placeholder",
            "abcdefghijklm",
            "1234567890123",
            "***",
            "...",
            "fake",
            "dummy",
            "${",
            "{{",
            "changeme",
        ]
        .iter()
        .any(|w| lower.contains(w))
}

/// What manuals put in the place of a password.
fn is_usual_word(value: &str) -> bool {
    matches!(
        value,
        "password"
            | "passwd"
            | "pass"
            | "pwd"
            | "postgres"
            | "root"
            | "user"
            | "secret"
            | "guest"
            | "admin"
            | "test"
            | "token"
            | "PASSWORD"
            | "port"
            | "mypassword"
    )
}

/// Every credential that the text seems to hold.
pub(crate) fn find(text: &str) -> Vec<Secret> {
    let Some(compiled) = COMPILED.as_ref() else {
        return Vec::new();
    };
    let mut out: Vec<Secret> = Vec::new();
    let places = compiled.places(text);
    for (k, places) in &places.formats {
        let Some((format, re)) = compiled.formats.get(*k) else {
            continue;
        };
        for (offset, found) in matches(re, text, places).take(100) {
            let Some(m) = found.get(1).or_else(|| found.get(0)) else {
                continue;
            };
            let value = m.as_str();
            if format.entropy > 0.0 && entropy(value) < format.entropy {
                continue;
            }
            let private_key = format.id == "SEC-PRIVATE-KEY";
            if !private_key && (is_obviously_fake(value) || is_usual_word(value)) {
                continue;
            }
            out.push(Secret {
                rule: rule_of(&format.id),
                what: format.name.clone(),
                range: offset + m.start()..offset + m.end(),
                certain: true,
            });
        }
    }
    for (offset, found) in matches(&compiled.url, text, &places.url).take(100) {
        if let Some(m) = found.get(1) {
            let weak = is_usual_word(m.as_str());
            if !weak
                && !is_placeholder(m.as_str())
                && !m.as_str().chars().all(|c| c.is_ascii_digit())
            {
                out.push(Secret {
                    rule: "SEC-URL-PASSWORD",
                    what: "a password in an address".into(),
                    range: offset + m.start()..offset + m.end(),
                    certain: true,
                });
            }
        }
    }
    named_values(compiled, text, &places, &mut out);
    out.sort_by_key(|s| (s.range.start, !s.certain));
    let mut end = 0;
    out.retain(|s| {
        let keep = s.range.start >= end;
        if keep {
            end = s.range.end;
        }
        keep
    });
    out
}

fn rule_of(id: &str) -> &'static str {
    match id {
        "SEC-PRIVATE-KEY" => "SEC-PRIVATE-KEY",
        "SEC-JWT" => "SEC-JWT",
        "SEC-CONNECTION-STRING" => "SEC-CONNECTION-STRING",
        _ => "SEC-TOKEN",
    }
}

/// The matches of an expression in some places of a text, each with what to add to its positions.
fn matches<'t>(
    re: &'t LazyRegex,
    text: &'t str,
    places: &'t [Range<usize>],
) -> impl Iterator<Item = (usize, Match<'t>)> {
    places.iter().flat_map(move |place| {
        let part = text.get(place.clone()).unwrap_or_default();
        re.matches(part).map(|found| (place.start, found))
    })
}

fn named_values(compiled: &Compiled, text: &str, places: &Places, out: &mut Vec<Secret>) {
    let mut done = 0;
    for word in &places.assigned {
        let name = name_around(text, word);
        let offset = name.end;
        let Some(given) = given::value(behind(text, offset)).filter(|_| offset > done) else {
            continue;
        };
        let name = text.get(name).unwrap_or_default();
        if !names_a_credential(name) {
            continue;
        }
        let range = offset + given.range.start..offset + given.range.end;
        done = range.end;
        let v = text.get(range.clone()).unwrap_or_default();
        if !given.quoted && !plain_value_allowed(text, offset - name.len(), v) {
            continue;
        }
        // A function that is called.
        if !given.quoted
            && text
                .get(range.end..)
                .is_some_and(|t| t.starts_with(['(', '[']))
        {
            continue;
        }
        if is_placeholder(v) || looks_like_code(v) {
            continue;
        }
        let name = name.trim_matches(|c: char| !c.is_alphanumeric());
        let lower = name.to_ascii_lowercase();
        let password = ["pass", "pwd"].iter().any(|w| lower.contains(w));
        let last = last_word(&lower);
        if not_a_secret_name(&lower, last) {
            continue;
        }
        let rule = if password {
            if !password_like(v) {
                continue;
            }
            "SEC-PASSWORD"
        } else {
            if !random_looking(
                v,
                if last == "key" || last == "auth" || last == "id" {
                    3.3
                } else {
                    3.0
                },
            ) {
                continue;
            }
            "SEC-NAMED-VALUE"
        };
        out.push(Secret {
            rule,
            what: name.to_owned(),
            range,
            certain: false,
        });
    }
    let mut done = 0;
    for name in &places.service {
        let found = compiled.service.matches(behind(text, name.end)).next();
        let Some(found) = found.filter(|_| name.start >= done) else {
            continue;
        };
        let Some(value) = found.get(2) else { continue };
        let offset = name.end;
        done = offset + value.end();
        let v = value.as_str();
        if !is_placeholder(v) && !looks_like_code(v) && random_looking(v, 3.0) {
            let end = offset + found.get(1).map_or(0, |rest| rest.end());
            let what = text.get(name.start..end).unwrap_or_default().trim();
            out.push(Secret {
                rule: "SEC-NAMED-VALUE",
                what: what.to_owned(),
                range: offset + value.start()..offset + value.end(),
                certain: false,
            });
        }
    }
}

/// The name that a word stands in.
fn name_around(text: &str, word: &Range<usize>) -> Range<usize> {
    let joint = |b: u8| b"_.-".contains(&b) || b.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    let before = bytes.get(..word.start).unwrap_or_default().iter().rev();
    let before = before
        .take(LONGEST_NAME)
        .take_while(|b| joint(**b) || b"[]'\"".contains(b));
    let after = bytes.get(word.end..).unwrap_or_default().iter();
    let after = after.take(LONGEST_NAME).take_while(|b| joint(**b));
    word.start - before.count()..word.end + after.count()
}

/// The text from some place on, as far as a value can reach.
fn behind(text: &str, from: usize) -> &str {
    let end = text.floor_char_boundary(from.saturating_add(BEHIND));
    text.get(from..end).unwrap_or_default()
}

/// A made-up credential of the format with this name.
pub(crate) fn sample(name: &str) -> Option<String> {
    let compiled = COMPILED.as_ref()?;
    compiled
        .formats
        .iter()
        .find(|(f, _)| f.name == name)
        .map(|(f, _)| f.sample.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_finds_its_own_sample() {
        let Some(compiled) = COMPILED.as_ref() else {
            panic!("the table does not compile")
        };
        for (format, re) in &compiled.formats {
            assert_eq!(re.fault(), None, "{}", format.name);
            let sample = format.sample.concat();
            let text = format!("value = \"{sample}\"\n");
            let found = find(&text);
            assert!(
                found.iter().any(|s| s.what == format.name),
                "{} does not find {sample}: {found:?}",
                format.name
            );
        }
    }

    #[test]
    fn long_words_are_found_wherever_they_begin() {
        for lead in 0..12 {
            let text = format!("{}{} short {} x", " ".repeat(lead), "ab.cd", "efgh-ijk");
            let found: Vec<&str> = long_words(&text, 5)
                .into_iter()
                .filter_map(|range| text.get(range))
                .collect();
            assert_eq!(found, ["ab.cd", "short", "efgh-ijk"], "{lead}");
        }
        assert!(long_words("ab cd", 3).is_empty() && long_words("", 3).is_empty());
    }

    #[test]
    fn placeholders_and_names_are_quiet() {
        for text in [
            "password = \"changeme\"",
            "api_key = \"your-api-key-here\"",
            "token = os.environ[\"TOKEN\"]",
            "AWS_KEY = \"AKIAIOSFODNN7EXAMPLE\"",
            "max_tokens = 4096",
            "token_url = \"https://example.com/oauth/token\"",
            "password_field = \"user_password\"",
            "primary_key = \"customer_id_2024_index\"",
            "secret = \"${SECRET}\"",
            "key = \"some_dictionary_key\"",
            "postgres://user:password@localhost/db",
            "author = \"Somebody Else\"",
        ] {
            assert_eq!(find(text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn named_values_are_found() {
        for (text, rule) in [
            ("password = \"hunter2!Zx\"", "SEC-PASSWORD"),
            ("DB_PASSWORD=Xk3f9Qmz", "SEC-PASSWORD"),
            (
                "api_key: \"8f14e45fceea167a5a36dedd4bea2543\"",
                "SEC-NAMED-VALUE",
            ),
            (
                "postgres://app:s3cr3tP4ss@db.example.com/x",
                "SEC-URL-PASSWORD",
            ),
        ] {
            assert_eq!(find(text).first().map(|s| s.rule), Some(rule), "{text}");
        }
    }
}
