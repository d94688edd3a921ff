//! Credentials in text: formats of providers, names of variables, shape, entropy, placeholders.

mod named;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::Regex;
use serde::Deserialize;

use crate::lazy_regex::LazyRegex;

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

struct Compiled {
    formats: Vec<(Format, LazyRegex)>,
    /// Finds what the formats begin with.
    heads: AhoCorasick,
    /// Which format each beginning belongs to.
    owners: Vec<usize>,
    /// Formats whose beginning cannot be told.
    headless: Vec<usize>,
    placeholders: Regex,
    assigned: Regex,
    service: Regex,
    url: Regex,
}

impl Compiled {
    /// The formats that may occur in a text, in the order of the table.
    fn candidates(&self, text: &str) -> Vec<usize> {
        let mut out = self.headless.clone();
        let mut seen = vec![false; self.formats.len()];
        for found in self.heads.find_overlapping_iter(text) {
            if let Some(k) = self.owners.get(found.pattern().as_usize()) {
                if let Some(seen) = seen.get_mut(*k).filter(|s| !**s) {
                    *seen = true;
                    out.push(*k);
                }
            }
        }
        out.sort_unstable();
        out
    }
}

static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| {
    let table: Table = serde_norway::from_str(include_str!("../../rules/secrets.yaml")).ok()?;
    let placeholders = Regex::new(&format!("(?i)({})", table.placeholders.join("|"))).ok()?;
    let words = "pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_.-]?key|apikey|access[_.-]?key|auth(?:[_.-]?(?:key|token))?|private[_.-]?key|client[_.-]?(?:secret|id)|credentials?|creds|signing[_.-]?key|encryption[_.-]?key|account[_.-]?key|license[_.-]?key|service[_.-]?key|webhook|key";
    let value = r#"(?:"([^"\s\\]{6,200})"|'([^'\s\\]{6,200})'|`([^`\s]{6,200})`|([A-Za-z0-9_.+/=~!@#$%^&*-]{8,200}))"#;
    let assigned = Regex::new(&format!(
        r#"(?i)([A-Za-z0-9_.\[\]'"-]{{0,40}}(?:{words})[A-Za-z0-9_-]{{0,20}})['"\]]{{0,2}}\s*(?::\s*[A-Za-z&]{{1,12}}\s*=|:=|=>|={{1,3}}|:|<-)\s*[bruf@$]{{0,2}}{value}"#
    ))
    .ok()?;
    let service = Regex::new(&format!(
        r#"(?i)((?:{})[A-Za-z0-9_.\t -]{{0,30}})['"\]]{{0,2}}\s*(?:=>|:=|={{1,3}}|:|,)\s*['"`\s=]{{0,3}}([A-Za-z0-9_=.+/-]{{16,150}})['"`]?"#,
        table.services.join("|")
    ))
    .ok()?;
    let url = Regex::new(r"(?i)\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\x22<>]{0,60}:([^\s:/@'\x22<>]{3,100})@[a-z0-9.\[\]-]+").ok()?;
    let (mut texts, mut owners, mut headless) = (Vec::new(), Vec::new(), Vec::new());
    for (k, format) in table.formats.iter().enumerate() {
        let heads = super::heads::heads(&format.pattern);
        if heads.is_empty() {
            headless.push(k);
        }
        owners.extend(heads.iter().map(|_| k));
        texts.extend(heads);
    }
    let heads = AhoCorasick::builder()
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
        heads,
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

/// Every credential that the text seems to hold.
pub(crate) fn find(text: &str) -> Vec<Secret> {
    let Some(compiled) = COMPILED.as_ref() else {
        return Vec::new();
    };
    let mut out: Vec<Secret> = Vec::new();
    for k in compiled.candidates(text) {
        let Some((format, re)) = compiled.formats.get(k) else {
            continue;
        };
        let Some(re) = re.get() else { continue };
        for found in re.captures_iter(text).take(100) {
            let Some(m) = found.get(1).or_else(|| found.get(0)) else {
                continue;
            };
            let value = m.as_str();
            if format.entropy > 0.0 && entropy(value) < format.entropy {
                continue;
            }
            let private_key = format.id == "SEC-PRIVATE-KEY";
            if !private_key && is_obviously_fake(value) {
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
    for found in compiled.url.captures_iter(text).take(100) {
        if let Some(m) = found.get(1) {
            let weak = matches!(
                m.as_str(),
                "password"
                    | "pass"
                    | "pwd"
                    | "postgres"
                    | "root"
                    | "user"
                    | "secret"
                    | "guest"
                    | "admin"
                    | "test"
                    | "PASSWORD"
                    | "port"
                    | "mypassword"
            );
            if !weak
                && !is_placeholder(m.as_str())
                && !m.as_str().chars().all(|c| c.is_ascii_digit())
            {
                out.push(Secret {
                    rule: "SEC-URL-PASSWORD",
                    what: "a password in an address".into(),
                    range: m.range(),
                    certain: true,
                });
            }
        }
    }
    named_values(compiled, text, &mut out);
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

fn named_values(compiled: &Compiled, text: &str, out: &mut Vec<Secret>) {
    for found in compiled.assigned.captures_iter(text).take(500) {
        let name = found
            .get(1)
            .map_or("", |m| m.as_str())
            .trim_matches(|c: char| !c.is_alphanumeric());
        let Some(value) = (2..=5).find_map(|k| found.get(k)) else {
            continue;
        };
        let quoted = found.get(5).is_none();
        let v = value.as_str();
        if !quoted && !plain_value_allowed(text, found.get(0).map_or(0, |m| m.start()), v) {
            continue;
        }
        // A function that is called.
        if !quoted
            && text
                .get(value.end()..)
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
            range: value.range(),
            certain: false,
        });
    }
    for found in compiled.service.captures_iter(text).take(200) {
        let Some(value) = found.get(2) else { continue };
        let v = value.as_str();
        if !is_placeholder(v) && !looks_like_code(v) && random_looking(v, 3.0) {
            let what = found.get(1).map_or("", |m| m.as_str()).trim().to_owned();
            out.push(Secret {
                rule: "SEC-NAMED-VALUE",
                what,
                range: value.range(),
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
