//! What the pieces of a document gave in the scan before.

use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::capability::Capability;
use crate::policy::Policy;
use crate::scan::{Finding, Left};
use crate::text::prompt::Verdict;
use crate::value::Taint;

/// Answers by content, kept from one scan to the next.
#[derive(Default)]
pub(super) struct Memo {
    policy: Option<Policy>,
    code: Generations<CodeKey, (Vec<Finding>, Left)>,
    pub(super) prompts: Generations<Box<str>, Option<Verdict>>,
    pub(super) text: Generations<Box<str>, Vec<Finding>>,
    /// What each cell of the document needs from the machine, as the last scan saw it.
    pub(super) needs: Vec<Vec<Capability>>,
}

/// A piece of code, and what is known of the variables that it sees.
#[derive(PartialEq, Eq, Hash)]
struct CodeKey {
    language: Box<str>,
    code: Box<str>,
    bindings: Vec<(String, Taint)>,
}

impl Memo {
    /// Begins a scan under a policy: what was found under another one may be different now.
    pub(super) fn under(&mut self, policy: &Policy) {
        if self.policy.as_ref() != Some(policy) {
            *self = Memo {
                policy: Some(policy.clone()),
                ..Memo::default()
            };
        }
    }

    pub(super) fn code(
        &mut self,
        language: &str,
        code: &str,
        bindings: Vec<(String, Taint)>,
        scan: impl FnOnce(&[(String, Taint)]) -> (Vec<Finding>, Left),
    ) -> Arc<(Vec<Finding>, Left)> {
        let key = CodeKey {
            language: language.into(),
            code: code.into(),
            bindings,
        };
        self.code.entry(key, |key| scan(&key.bindings))
    }

    /// Ends a scan: what it did not meet is forgotten.
    pub(super) fn end(&mut self) {
        self.code.end();
        self.prompts.end();
        self.text.end();
    }
}

/// The answers of this scan and of the one before.
pub(super) struct Generations<K, V> {
    before: FxHashMap<K, Arc<V>>,
    now: FxHashMap<K, Arc<V>>,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Generations {
            before: FxHashMap::default(),
            now: FxHashMap::default(),
        }
    }
}

impl<K: Eq + std::hash::Hash, V> Generations<K, V> {
    fn entry(&mut self, key: K, make: impl FnOnce(&K) -> V) -> Arc<V> {
        if let Some(known) = self.now.get(&key) {
            return Arc::clone(known);
        }
        let (key, value) = self.before.remove_entry(&key).unwrap_or_else(|| {
            let value = Arc::new(make(&key));
            (key, value)
        });
        self.now.insert(key, Arc::clone(&value));
        value
    }

    fn end(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

impl<V> Generations<Box<str>, V> {
    pub(super) fn get(&mut self, text: &str, make: impl FnOnce(&str) -> V) -> Arc<V> {
        self.entry(text.into(), |key| make(key))
    }
}

/// A piece longer than this ends at the next empty line.
const LONG_PIECE: usize = 16 << 10;

/// The text in pieces that an edit elsewhere leaves as they are: each ends with the closing bracket of a block.
pub(super) fn pieces(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let (mut start, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        at += line.len();
        let end = line.trim_end();
        if matches!(end, "}" | "]" | "```") || end.is_empty() && at - start > LONG_PIECE {
            out.push(start..at);
            start = at;
        }
    }
    if start < text.len() {
        out.push(start..text.len());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_the_text_and_end_with_blocks() {
        let text = "A {\n  x\n}\n\nB {\n}\nrest";
        let pieces: Vec<&str> = pieces(text).into_iter().map(|r| &text[r]).collect();
        assert_eq!(pieces, ["A {\n  x\n}\n", "\nB {\n}\n", "rest"]);
    }

    #[test]
    fn what_a_scan_does_not_meet_is_forgotten() {
        let mut known: Generations<Box<str>, usize> = Generations::default();
        let mut made = 0;
        for (text, expected) in [("a", 1), ("a", 1)] {
            known.get(text, |_| {
                made += 1;
                1
            });
            known.end();
            assert_eq!(made, expected);
        }
        known.get("b", |_| 2);
        known.end();
        known.get("a", |_| {
            made += 1;
            1
        });
        assert_eq!(made, 2);
    }
}
