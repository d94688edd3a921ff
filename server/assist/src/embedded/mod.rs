//! Completion without a model: what the workspace has done in like places, and what the grammar asks for.
//!
//! Every candidate says where it comes from. Nothing is sent anywhere, and nothing is pretended to be intelligent.

mod corpus;
mod grammar;
mod predict;
mod token;

use std::sync::{Arc, PoisonError, RwLock};

use corpus::{Corpus, Script};
use predict::{Past, Prediction, predict};
use token::tokenize;

/// A candidate of the built-in completer, not yet judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// What to insert.
    pub text: String,
    /// Where it comes from, for people: `as in demo.tars:12`, or `the grammar`.
    pub origin: String,
    /// Between 0 and 1: how far the places it comes from agree.
    pub confidence: f64,
}

/// How much text before the cursor is looked at, in bytes.
const PAST: usize = 16 << 10;
/// Below this nothing is guessed from the workspace.
const MIN_CONFIDENCE: f64 = 0.03;

/// The completer. Reading and completing do not block each other for longer than a change of one script takes.
#[derive(Debug, Default)]
pub struct Embedded {
    corpus: RwLock<Corpus>,
}

impl Embedded {
    /// Remembers a script, instead of its earlier text.
    pub fn set(&self, name: &str, text: &str) {
        self.corpus
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .set(name, text);
    }

    /// Forgets a script.
    pub fn remove(&self, name: &str) {
        self.corpus
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }

    /// How many scripts are remembered.
    pub fn len(&self) -> usize {
        self.corpus
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .scripts
            .len()
    }

    /// Whether no script is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Guesses for a place in a script, the best first.
    ///
    /// `name` is the script's own: what is remembered of it is not asked, it is older than `before` and `after` and
    /// holds what stands around the cursor.
    pub fn complete(&self, name: &str, before: &str, after: &str, count: usize) -> Vec<Guess> {
        let before = crate::tokens::tail(before, u32::try_from(PAST / 3).unwrap_or(u32::MAX));
        let after = crate::tokens::head(after, u32::try_from(PAST / 3).unwrap_or(u32::MAX));
        let split = tokenize(before);
        let past = Past::new(before, &split);
        let mut scripts: Vec<_> = {
            let corpus = self.corpus.read().unwrap_or_else(PoisonError::into_inner);
            corpus
                .scripts
                .iter()
                .filter(|script| script.name != name)
                .cloned()
                .collect()
        };
        scripts.push(Arc::new(Script::new(name, before)));
        scripts.push(Arc::new(Script::new(name, after)));
        let mut guesses: Vec<Guess> = predict(&scripts, &past, count + 2)
            .into_iter()
            .filter_map(guess)
            .collect();
        guesses.extend(grammar::guesses(before, after, past.partial));
        guesses.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        let mut seen = rustc_hash::FxHashSet::default();
        guesses.retain(|guess| seen.insert(guess.text.clone()));
        guesses.truncate(count);
        guesses
    }

    /// The part of the scripts that is most like the text before the cursor: file, text. For prompts.
    pub fn similar(&self, name: &str, before: &str, count: usize) -> Vec<(String, String)> {
        let split = tokenize(before);
        let wanted: rustc_hash::FxHashSet<u32> = split
            .tokens
            .iter()
            .rev()
            .take(96)
            .map(|token| token.id)
            .collect();
        let scripts = self
            .corpus
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .scripts
            .clone();
        let mut found: Vec<(f64, String, String)> = Vec::new();
        for script in scripts.iter().filter(|script| script.name != name) {
            let best = (0..script.tokens.len()).step_by(32).map(|from| {
                let window = script
                    .tokens
                    .get(from..(from + 128).min(script.tokens.len()))
                    .unwrap_or_default();
                let theirs: rustc_hash::FxHashSet<u32> =
                    window.iter().map(|token| token.id).collect();
                let common = theirs.intersection(&wanted).count();
                #[allow(clippy::cast_precision_loss)]
                let score = common as f64 / (theirs.len() + wanted.len() - common).max(1) as f64;
                (score, from)
            });
            let Some((score, from)) = best.max_by(|a, b| a.0.total_cmp(&b.0)) else {
                continue;
            };
            let start = script
                .tokens
                .get(from)
                .map_or(0, |token| token.range().start);
            let end = script
                .tokens
                .get((from + 128).min(script.tokens.len()).saturating_sub(1))
                .map_or(0, |t| t.range().end);
            let start = script
                .text
                .get(..start)
                .and_then(|head| head.rfind('\n'))
                .map_or(0, |at| at + 1);
            found.push((
                score,
                script.name.clone(),
                script.text.get(start..end).unwrap_or_default().to_owned(),
            ));
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found
            .into_iter()
            .take(count)
            .filter(|(score, _, _)| *score > 0.1)
            .map(|(_, name, text)| (name, text))
            .collect()
    }
}

fn guess(prediction: Prediction) -> Option<Guess> {
    (prediction.confidence >= MIN_CONFIDENCE).then(|| Guess {
        text: prediction.text,
        origin: format!("as in {}:{}", prediction.source.0, prediction.source.1),
        confidence: prediction.confidence,
    })
}

#[cfg(test)]
mod tests;
