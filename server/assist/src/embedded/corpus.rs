//! The workspace as the completer remembers it: every place of every script, found by the tokens before it.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::token::{Token, tokenize};

/// Longest run of tokens that is looked up at once; longer agreement is found by comparing backwards.
pub(super) const ORDERS: [usize; 3] = [6, 3, 1];
/// How many places a run of tokens leads to; the last ones count.
const MAX_PLACES: usize = 192;
/// Bytes of text that are remembered altogether.
const MAX_TOTAL: usize = 8 << 20;
/// Largest file that is remembered.
const MAX_FILE: usize = 512 << 10;

/// A remembered script.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) name: String,
    pub(super) text: Arc<str>,
    pub(super) tokens: Vec<Token>,
    pub(super) blocks: Vec<u32>,
    pub(super) lines: Vec<u32>,
    by_line: FxHashMap<u32, Vec<u32>>,
    index: FxHashMap<u64, Vec<u32>>,
}

/// Remembered scripts by name.
#[derive(Debug, Default)]
pub(super) struct Corpus {
    pub(super) scripts: Vec<Arc<Script>>,
    /// Their names: most scripts come once, and a search through all for each would take its time in a large workspace.
    names: FxHashSet<String>,
    /// Bytes of text in all of them.
    total: usize,
}

/// The hash of a run of tokens.
pub(super) fn run(tokens: impl Iterator<Item = u32>) -> u64 {
    tokens.fold(0xcbf2_9ce4_8422_2325, |hash, id| {
        (hash ^ u64::from(id))
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(23)
    })
}

impl Script {
    #[allow(clippy::cast_possible_truncation)]
    pub(super) fn new(name: &str, text: &str) -> Self {
        let split = tokenize(text);
        let mut index: FxHashMap<u64, Vec<u32>> = FxHashMap::default();
        for order in ORDERS {
            for (start, window) in split.tokens.windows(order).enumerate() {
                let places = index
                    .entry(run(window.iter().map(|token| token.id)).wrapping_add(order as u64))
                    .or_default();
                if places.len() >= MAX_PLACES {
                    places.remove(0);
                }
                places.push((start + order) as u32);
            }
        }
        let mut by_line: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (place, line) in split.lines.iter().enumerate() {
            let places = by_line.entry(*line).or_default();
            if places.len() < MAX_PLACES {
                places.push(place as u32);
            }
        }
        Self {
            name: name.to_owned(),
            text: text.into(),
            tokens: split.tokens,
            blocks: split.blocks,
            lines: split.lines,
            by_line,
            index,
        }
    }

    /// The places after a run of so many tokens.
    pub(super) fn places(&self, context: &[u32]) -> &[u32] {
        let key = run(context.iter().copied()).wrapping_add(context.len() as u64);
        self.index.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The places whose line and the line above begin so.
    pub(super) fn places_in_line(&self, line: u32) -> &[u32] {
        self.by_line.get(&line).map_or(&[], Vec::as_slice)
    }

    pub(super) fn slice(&self, token: usize) -> &str {
        self.tokens
            .get(token)
            .and_then(|token| self.text.get(token.range()))
            .unwrap_or_default()
    }

    /// The one-based line of a token.
    pub(super) fn line(&self, token: usize) -> usize {
        let start = self
            .tokens
            .get(token)
            .map_or(0, |token| token.range().start);
        self.text
            .get(..start)
            .unwrap_or_default()
            .matches('\n')
            .count()
            + 1
    }
}

impl Corpus {
    pub(super) fn set(&mut self, name: &str, text: &str) {
        self.remove(name);
        if text.len() > MAX_FILE {
            return;
        }
        while self.total + text.len() > MAX_TOTAL && !self.scripts.is_empty() {
            let oldest = self.scripts.remove(0);
            self.total -= oldest.text.len();
            self.names.remove(&oldest.name);
        }
        self.total += text.len();
        self.names.insert(name.to_owned());
        self.scripts.push(Arc::new(Script::new(name, text)));
    }

    pub(super) fn remove(&mut self, name: &str) {
        if self.names.remove(name)
            && let Some(at) = self.scripts.iter().position(|script| script.name == name)
        {
            self.total -= self.scripts.remove(at).text.len();
        }
    }
}
