//! What may leave this machine: secrets are replaced, ignored files stay out, a workspace must agree.

mod assignment;
mod consent;
mod detect;
mod ignored;
mod restore;
mod view;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use regex::Regex;
use ring::hmac;
use serde_json::Value;

pub use consent::Consent;
pub use ignored::IgnoreRules;
pub use restore::Restorer;

use crate::provider::{Ask, Message};

/// Finds secrets and replaces them by placeholders that are the same for the same secret.
///
/// A placeholder is derived with a key that never leaves this machine, so it says nothing about the secret.
#[derive(Clone)]
pub struct Redactor {
    inner: Arc<Inner>,
}

struct Inner {
    private: Vec<Regex>,
    known: Option<AhoCorasick>,
    key: hmac::Key,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor")
    }
}

/// What every placeholder begins with.
pub(crate) const MARK: &str = "MS_SECRET_";
/// Hexadecimal digits after the mark.
pub(crate) const DIGITS: usize = 12;

impl Redactor {
    /// A redactor for the built-in patterns, the user's own, and secrets that are known by value (keys in use,
    /// variables of the environment). `salt` is this installation's own. Patterns that cannot be read are returned.
    pub fn new(private_patterns: &[String], known: &[String], salt: &[u8]) -> (Self, Vec<String>) {
        let mut private = Vec::new();
        let mut faults = Vec::new();
        for pattern in private_patterns {
            match regex::RegexBuilder::new(pattern)
                .size_limit(1 << 20)
                .build()
            {
                Ok(regex) => private.push(regex),
                Err(_) => faults.push(format!(
                    "private_patterns: `{pattern}` is not a regular expression"
                )),
            }
        }
        let spellings: Vec<String> = known
            .iter()
            .filter(|secret| secret.len() >= 6)
            .flat_map(|s| spellings(s))
            .collect();
        let known = if spellings.is_empty() {
            None
        } else {
            AhoCorasick::new(&spellings).ok()
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
        (
            Self {
                inner: Arc::new(Inner {
                    private,
                    known,
                    key,
                }),
            },
            faults,
        )
    }

    /// The ranges of a text that hold something secret, in order, without overlaps.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut ranges = detect::secrets(text);
        for pattern in &self.inner.private {
            ranges.extend(
                pattern
                    .find_iter(text)
                    .map(|found| found.range())
                    .filter(|range| !range.is_empty()),
            );
        }
        if let Some(known) = &self.inner.known {
            ranges.extend(known.find_overlapping_iter(text).map(|found| found.range()));
        }
        merged(ranges)
    }

    /// Replaces every secret in a text, and notes in `placeholders` what stands for what.
    pub fn redact(&self, text: &str, placeholders: &mut Placeholders) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut from = 0;
        for range in self.find(text) {
            let (Some(before), Some(secret)) =
                (text.get(from..range.start), text.get(range.clone()))
            else {
                continue;
            };
            redacted.push_str(before);
            redacted.push_str(&self.placeholder(secret, placeholders));
            from = range.end;
        }
        redacted.push_str(text.get(from..).unwrap_or_default());
        redacted
    }

    /// Replaces every secret in everything that a request carries.
    pub fn redact_ask(&self, ask: &mut Ask) -> Placeholders {
        let mut placeholders = Placeholders::default();
        if let Ask::Fill(fill) = ask {
            // A secret may straddle the hole: both sides are looked at together.
            let (prefix, suffix) =
                self.redact_around(&fill.prefix, &fill.suffix, &mut placeholders);
            (fill.prefix, fill.suffix) = (prefix, suffix);
        }
        for text in ask.texts_mut() {
            *text = self.redact(text, &mut placeholders);
        }
        if let Ask::Chat(chat) = ask {
            for message in &mut chat.messages {
                if let Message::Assistant { calls, .. } = message {
                    for call in calls {
                        self.redact_value(&mut call.arguments, &mut placeholders);
                    }
                }
            }
        }
        placeholders
    }

    fn redact_around(
        &self,
        prefix: &str,
        suffix: &str,
        placeholders: &mut Placeholders,
    ) -> (String, String) {
        let whole = format!("{prefix}{suffix}");
        let (mut left, mut right) = (String::new(), String::new());
        let mut from = 0;
        let middle = prefix.len();
        let mut put = |range: Range<usize>, text: Option<&str>| {
            let cut = range.end.min(middle).max(range.start.min(middle));
            match text {
                Some(text) if range.start < middle => left.push_str(text),
                Some(text) => right.push_str(text),
                None => {
                    left.push_str(whole.get(range.start.min(middle)..cut).unwrap_or_default());
                    right.push_str(
                        whole
                            .get(range.start.max(middle)..range.end.max(middle))
                            .unwrap_or_default(),
                    );
                }
            }
        };
        for range in self.find(&whole) {
            put(from..range.start, None);
            if let Some(secret) = whole.get(range.clone()) {
                put(range.clone(), Some(&self.placeholder(secret, placeholders)));
            }
            from = range.end;
        }
        put(from..whole.len(), None);
        (left, right)
    }

    fn redact_value(&self, value: &mut Value, placeholders: &mut Placeholders) {
        match value {
            Value::String(text) => *text = self.redact(text, placeholders),
            Value::Array(items) => items
                .iter_mut()
                .for_each(|item| self.redact_value(item, placeholders)),
            Value::Object(map) => map
                .values_mut()
                .for_each(|item| self.redact_value(item, placeholders)),
            _ => {}
        }
    }

    fn placeholder(&self, secret: &str, placeholders: &mut Placeholders) -> String {
        let tag = hmac::sign(&self.inner.key, secret.as_bytes());
        let mut name = String::from(MARK);
        for byte in tag.as_ref().iter().take(DIGITS / 2) {
            name.push_str(&format!("{byte:02x}"));
        }
        placeholders.secrets.insert(name.clone(), secret.to_owned());
        name
    }
}

/// A secret as it may also be written: encoded, escaped, backwards.
fn spellings(secret: &str) -> Vec<String> {
    let base64 = base64::engine::general_purpose::STANDARD_NO_PAD.encode(secret);
    let url_base64 = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut all = vec![
        secret.to_owned(),
        base64,
        url_base64,
        hex.to_uppercase(),
        hex,
        percent,
    ];
    all.push(secret.chars().rev().collect());
    all.sort();
    all.dedup();
    all
}

pub(crate) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// Which placeholder stands for which secret, in one request.
#[derive(Clone, Default)]
pub struct Placeholders {
    secrets: BTreeMap<String, String>,
}

impl fmt::Debug for Placeholders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.secrets.keys()).finish()
    }
}

impl Placeholders {
    /// How many secrets were replaced.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// Whether no secret was replaced.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    pub(crate) fn get(&self, placeholder: &str) -> Option<&str> {
        self.secrets.get(placeholder).map(String::as_str)
    }

    /// Puts the secrets back.
    pub fn restore(&self, text: &str) -> String {
        let mut restorer = Restorer::new(self.clone());
        let mut restored = restorer.push(text);
        restored.push_str(&restorer.end());
        restored
    }

    /// Puts the secrets back into every text of a JSON value.
    pub fn restore_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.restore(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.restore_value(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.restore_value(item)),
            _ => {}
        }
    }
}

/// Whether a text holds something that looks like a placeholder of ours: after restoring, a model invented it.
pub fn has_placeholder(text: &str) -> bool {
    text.contains(MARK)
}

#[cfg(test)]
mod tests;
