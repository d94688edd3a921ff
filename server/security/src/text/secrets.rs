//! Credentials in text: formats of providers, names of variables, shape, entropy, placeholders.

mod named;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use crate::lazy_regex::{LazyRegex, Match};

use named::{
    last_word, looks_like_code, not_a_secret_name, password_like, plain_value_allowed,
    random_looking,
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
    formats: Vec<usize>,
    assigned: Vec<Range<usize>>,
    service: Vec<Range<usize>>,
    url: Vec<Range<usize>>,
}

/// How far a match can reach before and behind the word that gives it away.
const BEFORE: usize = 64;
const BEHIND: usize = 512;

struct Compiled {
    formats: Vec<(Format, LazyRegex)>,
    /// Finds, in one pass, what formats begin with and the words that give other credentials away.
    signs: AhoCorasick,
    /// What each of these texts is a sign of.
    owners: Vec<Sign>,
    /// Formats whose beginning cannot be told.
    headless: Vec<usize>,
    placeholders: LazyRegex,
    assigned: LazyRegex,
    service: LazyRegex,
    url: LazyRegex,
}

impl Compiled {
    /// The formats that may occur in a text, in the order of the table, and the places where others may.
    fn places(&self, text: &str) -> Places {
        let mut out = Places {
            formats: self.headless.clone(),
            ..Places::default()
        };
        let mut seen = vec![false; self.formats.len()];
        for found in self.signs.find_overlapping_iter(text) {
            let list = match self.owners.get(found.pattern().as_usize()) {
                Some(Sign::Format(k)) => {
                    if let Some(seen) = seen.get_mut(*k).filter(|s| !**s) {
                        *seen = true;
                        out.formats.push(*k);
                    }
                    continue;
                }
                Some(Sign::Assigned) => &mut out.assigned,
                Some(Sign::Service) => &mut out.service,
                Some(Sign::Url) => &mut out.url,
                None => continue,
            };
            let start = text.floor_char_boundary(found.start().saturating_sub(BEFORE));
            let end = text.ceil_char_boundary(found.end() + BEHIND);
            match list.last_mut().filter(|last| start <= last.end) {
                Some(last) => last.end = last.end.max(end),
                None => list.push(start..end),
            }
        }
        out.formats.sort_unstable();
        out
    }
}

static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| {
    let table: Table = serde_json::from_str(built_in!("secrets")).ok()?;
    let placeholders = LazyRegex::new(format!("(?i)({})", table.placeholders.join("|")));
    let words = "pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_.-]?key|apikey|access[_.-]?key|auth(?:[_.-]?(?:key|token))?|private[_.-]?key|client[_.-]?(?:secret|id)|credentials?|creds|signing[_.-]?key|encryption[_.-]?key|account[_.-]?key|license[_.-]?key|service[_.-]?key|webhook|key";
    let value = r#"(?:"([^"\s\\]{6,200})"|'([^'\s\\]{6,200})'|`([^`\s]{6,200})`|([A-Za-z0-9_.+/=~!@#$%^&*-]{8,200}))"#;
    let assigned = LazyRegex::new(format!(
        r#"(?i)([A-Za-z0-9_.\[\]'"-]{{0,40}}(?:{words})[A-Za-z0-9_-]{{0,20}})['"\]]{{0,2}}\s*(?::\s*[A-Za-z&]{{1,12}}\s*=|:=|=>|={{1,3}}|:|<-)\s*[bruf@$]{{0,2}}{value}"#
    ));
    let service = LazyRegex::new(format!(
        r#"(?i)((?:{})[A-Za-z0-9_.\t -]{{0,30}})['"\]]{{0,2}}\s*(?:=>|:=|={{1,3}}|:|,)\s*['"`\s=]{{0,3}}([A-Za-z0-9_=.+/-]{{16,150}})['"`]?"#,
        table.services.join("|")
    ));
    let url = LazyRegex::new(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\x22<>]{0,60}:([^\s:/@'\x22<>]{3,100})@[a-z0-9.\[\]-]+".to_owned());
    let (mut texts, mut owners, mut headless) = (Vec::new(), Vec::new(), Vec::new());
    for (k, format) in table.formats.iter().enumerate() {
        let heads = super::heads::heads(&format.pattern);
        if heads.is_empty() {
            headless.push(k);
        }
        owners.extend(heads.iter().map(|_| Sign::Format(k)));
        texts.extend(heads);
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
        owners,
        headless,
        placeholders,
        assigned,
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
    for k in &places.formats {
        let Some((format, re)) = compiled.formats.get(*k) else {
            continue;
        };
        for found in re.matches(text).take(100) {
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
                range: m.range(),
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
    for (offset, found) in matches(&compiled.assigned, text, &places.assigned).take(500) {
        let name = found
            .get(1)
            .map_or("", |m| m.as_str())
            .trim_matches(|c: char| !c.is_alphanumeric());
        let Some(value) = (2..=5).find_map(|k| found.get(k)) else {
            continue;
        };
        let quoted = found.get(5).is_none();
        let v = value.as_str();
        if !quoted && !plain_value_allowed(text, offset + found.get(0).map_or(0, |m| m.start()), v)
        {
            continue;
        }
        // A function that is called.
        if !quoted
            && text
                .get(offset + value.end()..)
                .is_some_and(|t| t.starts_with(['(', '[']))
        {
            continue;
        }
        if is_placeholder(v) || looks_like_code(v) {
            continue;
        }
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
            range: offset + value.start()..offset + value.end(),
            certain: false,
        });
    }
    for (offset, found) in matches(&compiled.service, text, &places.service).take(200) {
        let Some(value) = found.get(2) else { continue };
        let v = value.as_str();
        if !is_placeholder(v) && !looks_like_code(v) && random_looking(v, 3.0) {
            let what = found.get(1).map_or("", |m| m.as_str()).trim().to_owned();
            out.push(Secret {
                rule: "SEC-NAMED-VALUE",
                what,
                range: offset + value.start()..offset + value.end(),
                certain: false,
            });
        }
    }
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
