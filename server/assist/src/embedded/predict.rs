//! Predicting what follows: places in the workspace whose past is most like the past of the cursor vote on the next
//! token; those that were right go on voting. The longer the agreement, and the more alike the block, the more a
//! vote weighs: prediction by partial matching with contexts of any length.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::corpus::{ORDERS, Script};
use super::token::Tokens;

/// Agreement is not measured further back.
const MAX_AGREEMENT: usize = 48;
/// Places that may vote at a time.
const MAX_VOTERS: usize = 96;
/// A prediction ends when the votes for its next token are fewer than this share.
const DOUBT: f64 = 0.34;
/// Longest prediction.
const MAX_TOKENS: usize = 240;
const MAX_LINES: usize = 14;

/// A voting place.
#[derive(Clone, Copy)]
struct Voter<'s> {
    script: &'s Script,
    /// The token that it votes for.
    next: usize,
    weight: f64,
}

/// What is predicted.
pub(super) struct Prediction {
    pub(super) text: String,
    /// The lowest share of the votes that any of its tokens got, and the mean of the logarithms.
    pub(super) confidence: f64,
    /// Where the strongest voter stands: file and line.
    pub(super) source: (String, usize),
}

/// The tokens before the cursor, and the word that is half typed there.
pub(super) struct Past<'t> {
    pub(super) ids: Vec<u32>,
    pub(super) block: u32,
    /// What the cursor's line and the line above begin with.
    pub(super) line: u32,
    /// Words of the same block and its surroundings, for likeness.
    pub(super) nearby: FxHashSet<u32>,
    pub(super) partial: &'t str,
    /// The indentation of the cursor's line.
    pub(super) indentation: &'t str,
}

impl<'t> Past<'t> {
    pub(super) fn new(before: &'t str, split: &Tokens) -> Self {
        let mut ids: Vec<u32> = split.tokens.iter().map(|token| token.id).collect();
        let mut partial = "";
        let mut line = split.lines.last().copied().unwrap_or(0);
        if let Some(last) = split.tokens.last() {
            let word = before.get(last.range()).unwrap_or_default();
            if word.chars().all(|c| c.is_alphanumeric() || c == '_') {
                ids.pop();
                partial = word;
                line = split.lines.iter().rev().nth(1).copied().unwrap_or(0);
            }
        }
        let last = before.rsplit('\n').next().unwrap_or_default();
        let indentation = last
            .get(..last.len() - last.trim_start().len())
            .unwrap_or_default();
        let nearby = ids.iter().rev().take(64).copied().collect();
        Self {
            ids,
            line,
            block: split.blocks.last().copied().unwrap_or(0),
            nearby,
            partial,
            indentation,
        }
    }
}

fn agreement(script: &Script, place: usize, past: &[u32]) -> usize {
    let theirs = script.tokens.get(..place).unwrap_or_default().iter().rev();
    theirs
        .zip(past.iter().rev())
        .take(MAX_AGREEMENT)
        .take_while(|(token, id)| token.id == **id)
        .count()
}

/// Share of the cursor's surroundings that is found around a place.
fn likeness(script: &Script, place: usize, nearby: &FxHashSet<u32>) -> f64 {
    let from = place.saturating_sub(64);
    let theirs: FxHashSet<u32> = script
        .tokens
        .get(from..place)
        .unwrap_or_default()
        .iter()
        .map(|token| token.id)
        .collect();
    let common = theirs.intersection(nearby).count();
    let union = theirs.len() + nearby.len() - common;
    #[allow(clippy::cast_precision_loss)]
    let share = if union == 0 {
        0.0
    } else {
        common as f64 / union as f64
    };
    share
}

/// How much more a vote weighs from a place whose line, and the line above, begin as the cursor's do.
const SAME_LINE: f64 = 48.0;
const SAME_BLOCK: f64 = 4.0;

/// A place before it is known whether it may vote.
struct Candidate<'s> {
    script: &'s Script,
    next: usize,
    weight: f64,
}

/// Places that are weighed at a time: after a token that stands everywhere, most places are as good as any.
const MAX_CANDIDATES: usize = 3072;

/// Places whose past agrees with `ids`, heaviest first. `line`: what the line and the line above begin with, where
/// that is known. Where there are too many, the scripts that came last are asked.
fn voters<'s>(
    scripts: &'s [Arc<Script>],
    past: &Past<'_>,
    ids: &[u32],
    line: Option<u32>,
) -> Vec<Voter<'s>> {
    let mut found: Vec<Candidate<'s>> = Vec::new();
    let recent = || scripts.iter().rev().map(AsRef::as_ref);
    if let Some(line) = line {
        for script in recent() {
            let places = script.places_in_line(line).iter();
            // The end of a text, the cursor's own place among them, says nothing.
            let places = places.filter(|place| (**place as usize) < script.tokens.len());
            found.extend(places.map(|place| {
                let agreement = agreement(script, *place as usize, ids);
                candidate(script, *place as usize, past, agreement, true)
            }));
            if found.len() >= MAX_CANDIDATES {
                break;
            }
        }
    }
    // Places that agree this far have been found.
    let mut known = usize::MAX;
    for order in ORDERS {
        let Some(context) = ids
            .len()
            .checked_sub(order)
            .and_then(|from| ids.get(from..))
        else {
            continue;
        };
        for script in recent() {
            for place in script.places(context).iter().rev() {
                let next = *place as usize;
                let same_line = line.is_some() && script.lines.get(next).copied() == line;
                if next < script.tokens.len() && !same_line {
                    let agreement = agreement(script, next, ids);
                    if agreement < known {
                        found.push(candidate(script, next, past, agreement, false));
                    }
                }
            }
            if found.len() >= MAX_CANDIDATES {
                break;
            }
        }
        if found.len() >= 3 {
            break;
        }
        known = order;
    }
    if found.len() > MAX_VOTERS {
        found.select_nth_unstable_by(MAX_VOTERS, |a, b| b.weight.total_cmp(&a.weight));
        found.truncate(MAX_VOTERS);
    }
    let mut voters: Vec<Voter<'s>> = found
        .into_iter()
        .map(|found| Voter {
            script: found.script,
            next: found.next,
            weight: found.weight * (1.0 + 4.0 * likeness(found.script, found.next, &past.nearby)),
        })
        .collect();
    voters.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    voters
}

fn candidate<'s>(
    script: &'s Script,
    next: usize,
    past: &Past<'_>,
    agreement: usize,
    same_line: bool,
) -> Candidate<'s> {
    let agreement = i32::try_from(agreement).unwrap_or(i32::MAX);
    let block = script.blocks.get(next.saturating_sub(1));
    let same_block = block.is_some_and(|block| *block == past.block);
    let weight = 4.0_f64.powi(agreement.min(9))
        * if same_block { SAME_BLOCK } else { 1.0 }
        * if same_line { SAME_LINE } else { 1.0 };
    Candidate {
        script,
        next,
        weight,
    }
}

/// The strongest predictions that begin with different tokens.
pub(super) fn predict(scripts: &[Arc<Script>], past: &Past<'_>, count: usize) -> Vec<Prediction> {
    let mut starts = voters(scripts, past, &past.ids, Some(past.line));
    starts.retain(|voter| {
        let word = voter.script.slice(voter.next);
        past.partial.is_empty()
            || (word.len() > past.partial.len() && word.starts_with(past.partial))
    });
    let total: f64 = starts.iter().map(|voter| voter.weight).sum();
    let mut by_first: FxHashMap<u32, f64> = FxHashMap::default();
    for voter in &starts {
        if let Some(token) = voter.script.tokens.get(voter.next) {
            *by_first.entry(token.id).or_default() += voter.weight;
        }
    }
    let mut firsts: Vec<(u32, f64)> = by_first.into_iter().collect();
    firsts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    firsts
        .into_iter()
        .take(count)
        .filter_map(|(first, weight)| {
            follow(
                scripts,
                past,
                &starts,
                first,
                weight / total.max(f64::MIN_POSITIVE),
            )
        })
        .collect()
}

/// Follows one first token as far as the votes agree.
fn follow(
    scripts: &[Arc<Script>],
    past: &Past<'_>,
    starts: &[Voter<'_>],
    first: u32,
    share: f64,
) -> Option<Prediction> {
    let mut ids = past.ids.clone();
    let mut voters: Vec<Voter<'_>> = starts.to_vec();
    let mut chosen = first;
    let mut confidence = share;
    let mut text = String::new();
    let mut source = None;
    let mut columns = past.indentation.to_owned();
    let mut depth = 0_i32;
    let mut lines = 0;
    for step in 0..MAX_TOKENS {
        voters.retain(|voter| {
            voter
                .script
                .tokens
                .get(voter.next)
                .is_some_and(|token| token.id == chosen)
        });
        let strongest = voters.first()?;
        source.get_or_insert_with(|| {
            (
                strongest.script.name.clone(),
                strongest.script.line(strongest.next),
            )
        });
        let word = strongest.script.slice(strongest.next);
        if word.contains('\n') {
            lines += 1;
            if lines >= MAX_LINES || (word.matches('\n').count() > 1 && depth <= 0) {
                break;
            }
            columns = reindented(&columns, strongest, word);
            text.push_str(&"\n".repeat(word.matches('\n').count()));
            text.push_str(&columns);
        } else {
            depth += i32::from(word == "{") - i32::from(word == "}");
            if depth < 0 {
                break;
            }
            let word = if step == 0 {
                word.strip_prefix(past.partial).unwrap_or(word)
            } else {
                word
            };
            text.push_str(word);
        }
        ids.push(chosen);
        for voter in &mut voters {
            voter.next += 1;
        }
        if voters.is_empty() {
            break;
        }
        let Some((mut next, mut share)) = elect(&voters) else {
            break;
        };
        if share < DOUBT {
            // Those who were right so far disagree: others with a shorter past may know better.
            let others = self::voters(scripts, past, &ids, None);
            if let Some((other, better)) = elect(&others)
                && better > share
            {
                (next, share) = (other, better);
                voters = others;
            }
            // A line that has begun is finished by the majority; a new one is begun by most of the votes only.
            if share < DOUBT && (text.contains('\n') || next_is_line_end(&voters, next)) {
                break;
            }
        }
        chosen = next;
        if text.contains('\n') {
            confidence = confidence.min(0.5 + share / 2.0);
        } else {
            confidence = confidence.min(share);
        }
    }
    let text = text.trim_end().to_owned();
    (!text.is_empty()).then_some(())?;
    Some(Prediction {
        text,
        confidence,
        source: source?,
    })
}

/// The token with most of the votes, and their share.
fn elect(voters: &[Voter<'_>]) -> Option<(u32, f64)> {
    let mut votes: FxHashMap<u32, f64> = FxHashMap::default();
    let mut total = 0.0;
    for voter in voters {
        total += voter.weight;
        // A script that ends here votes for the end.
        let id = voter
            .script
            .tokens
            .get(voter.next)
            .map_or(u32::MAX, |token| token.id);
        *votes.entry(id).or_default() += voter.weight;
    }
    let (id, weight) = votes
        .into_iter()
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (id != u32::MAX).then_some((id, weight / total.max(f64::MIN_POSITIVE)))
}

/// Whether a token ends a line.
fn next_is_line_end(voters: &[Voter<'_>], token: u32) -> bool {
    let voter = voters.iter().find(|voter| {
        voter
            .script
            .tokens
            .get(voter.next)
            .is_some_and(|next| next.id == token)
    });
    voter.is_some_and(|voter| voter.script.slice(voter.next).contains('\n'))
}

/// The indentation after a line end, moved as the source moves it.
fn reindented(ours: &str, voter: &Voter<'_>, line_end: &str) -> String {
    let theirs_next = line_end.rsplit('\n').next().unwrap_or_default();
    let start = voter
        .script
        .tokens
        .get(voter.next)
        .map_or(0, |token| token.range().start);
    let before = voter.script.text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let theirs = line
        .get(..line.len() - line.trim_start().len())
        .unwrap_or_default();
    if let Some(deeper) = theirs_next.strip_prefix(theirs) {
        return format!("{ours}{deeper}");
    }
    let shallower = theirs.len().saturating_sub(theirs_next.len());
    ours.get(..ours.len().saturating_sub(shallower))
        .unwrap_or_default()
        .to_owned()
}
