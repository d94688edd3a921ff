//! Suggestions that were fetched, by the text around the cursor. A suggestion is found again when its beginning has
//! been typed since, up to 128 characters ago.

use std::hash::Hasher as _;
use std::sync::Mutex;

use rustc_hash::{FxHashMap, FxHasher};

use crate::files;

/// How far back a suggestion may have begun, in characters.
const LOOK_BACK: usize = 128;
/// How many places are remembered.
const CAPACITY: usize = 512;
/// How much text before the cursor must be the same, in bytes.
const BEFORE: usize = 1024;
/// How much of it finds the entry.
const PROBE: usize = 48;
/// How much text after the cursor must be the same, in bytes.
const AFTER: usize = 128;

/// A suggestion in the cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What is inserted at the place where it was fetched.
    pub text: String,
    /// Who made it.
    pub origin: String,
}

/// What the cache has for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The suggestions, less what has been typed of them.
    pub kept: Vec<Kept>,
    /// How many bytes of them were typed since they were fetched.
    pub typed: usize,
}

#[derive(Debug)]
struct Entry {
    before: Box<str>,
    after: Box<str>,
    kept: Vec<Kept>,
    used: u64,
}

#[derive(Debug, Default)]
struct Entries {
    by_probe: FxHashMap<u64, Entry>,
    clock: u64,
}

/// The cache. All methods take microseconds.
#[derive(Debug, Default)]
pub struct InlineCache {
    entries: Mutex<Entries>,
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn last(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default()
}

fn first(text: &str, bytes: usize) -> &str {
    text.get(..floor(text, bytes.min(text.len())))
        .unwrap_or_default()
}

fn probe(before: &str, after: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(last(before, PROBE).as_bytes());
    hasher.write(after.as_bytes());
    hasher.finish()
}

impl InlineCache {
    /// Keeps the suggestions for a place, instead of earlier ones.
    pub fn insert(&self, before: &str, after: &str, kept: Vec<Kept>) {
        let after = first(after, AFTER);
        let mut entries = files::lock(&self.entries);
        entries.clock += 1;
        let used = entries.clock;
        if entries.by_probe.len() >= CAPACITY
            && let Some(oldest) = entries
                .by_probe
                .iter()
                .min_by_key(|(_, entry)| entry.used)
                .map(|(probe, _)| *probe)
        {
            entries.by_probe.remove(&oldest);
        }
        let entry = Entry {
            before: last(before, BEFORE).into(),
            after: after.into(),
            kept,
            used,
        };
        entries.by_probe.insert(probe(before, after), entry);
    }

    /// What was suggested here, or a little before and typed since. The nearest place counts.
    pub fn look_up(&self, before: &str, after: &str) -> Option<Hit> {
        let after = first(after, AFTER);
        let mut entries = files::lock(&self.entries);
        entries.clock += 1;
        let clock = entries.clock;
        let places =
            std::iter::once(before.len()).chain(before.char_indices().rev().map(|(at, _)| at));
        for place in places.take(LOOK_BACK + 1) {
            let Some((anchor, typed)) = before.split_at_checked(place) else {
                continue;
            };
            let Some(entry) = entries.by_probe.get_mut(&probe(anchor, after)) else {
                continue;
            };
            if *entry.before != *last(anchor, BEFORE) || *entry.after != *after {
                continue;
            }
            let kept: Vec<Kept> = entry
                .kept
                .iter()
                .filter_map(|kept| {
                    let rest = kept
                        .text
                        .strip_prefix(typed)
                        .filter(|rest| !rest.is_empty())?;
                    Some(Kept {
                        text: rest.to_owned(),
                        origin: kept.origin.clone(),
                    })
                })
                .collect();
            // A place where nothing is suggested is an answer too, as long as nothing was typed since.
            if !kept.is_empty() || (typed.is_empty() && entry.kept.is_empty()) {
                entry.used = clock;
                return Some(Hit {
                    kept,
                    typed: typed.len(),
                });
            }
        }
        None
    }

    /// Forgets the suggestions for a place: they were refused, or do not hold any more.
    pub fn forget(&self, before: &str, after: &str) {
        files::lock(&self.entries)
            .by_probe
            .remove(&probe(before, first(after, AFTER)));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        files::lock(&self.entries).by_probe.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(texts: &[&str]) -> Vec<Kept> {
        texts
            .iter()
            .map(|text| Kept {
                text: (*text).to_owned(),
                origin: "p".to_owned(),
            })
            .collect()
    }

    #[test]
    fn typing_a_suggestion_keeps_it_and_typing_something_else_loses_it() {
        let cache = InlineCache::default();
        cache.insert("let x = ", "\nend", kept(&["alpha + 1", "beta"]));
        let hit = cache.look_up("let x = ", "\nend").unwrap();
        assert_eq!((hit.kept, hit.typed), (kept(&["alpha + 1", "beta"]), 0));
        let hit = cache.look_up("let x = al", "\nend").unwrap();
        assert_eq!((hit.kept, hit.typed), (kept(&["pha + 1"]), 2));
        assert_eq!(cache.look_up("let x = alpha + 1", "\nend"), None);
        assert_eq!(cache.look_up("let x = q", "\nend"), None);
        assert_eq!(cache.look_up("let x = ", "\nother"), None);
        assert_eq!(cache.look_up("let y = al", "\nend"), None);
    }

    #[test]
    fn non_ascii_text_and_the_limits() {
        let cache = InlineCache::default();
        let long = "ü".repeat(100);
        cache.insert("é→", "🦀", kept(&[&format!("{long}{long}")]));
        assert_eq!(
            cache.look_up(&format!("é→{long}"), "🦀").unwrap().typed,
            200
        );
        assert_eq!(
            cache.look_up(&format!("é→{long}{}", "ü".repeat(60)), "🦀"),
            None,
            "too far back"
        );
        for n in 0..2 * CAPACITY {
            cache.insert(&format!("place {n} "), "", kept(&["x"]));
        }
        assert!(cache.entries.lock().unwrap().by_probe.len() <= CAPACITY);
        assert!(
            cache
                .look_up(&format!("place {} ", 2 * CAPACITY - 1), "")
                .is_some()
        );
    }

    #[test]
    fn nothing_to_suggest_is_remembered_until_something_is_typed() {
        let cache = InlineCache::default();
        cache.insert("a", "", Vec::new());
        assert_eq!(
            cache.look_up("a", ""),
            Some(Hit {
                kept: Vec::new(),
                typed: 0
            })
        );
        assert_eq!(cache.look_up("ab", ""), None);
        cache.forget("a", "");
        assert_eq!(cache.look_up("a", ""), None);
    }
}
