//! Features of a text (an order to drop something, a word for rules, a claim to be in charge, ...) and what their
//! combinations are worth.
//!
//! Terms of every language lie in one lexicon, and one automaton finds them all. A combination asks for features that
//! stand near each other in a sentence; its points add up with those of other combinations a few sentences around.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

use super::fold::fold;

/// Number of a feature.
type Feature = u16;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lexicon {
    /// Terms of each feature, divided by commas. A star at the end stands for any ending.
    features: BTreeMap<String, Vec<String>>,
    /// What a feature becomes when it is negated; nothing when that is left empty.
    negated: BTreeMap<String, String>,
    combinations: Vec<Combination>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Combination {
    name: String,
    weight: u32,
    /// Of the combinations in one group the heaviest counts.
    #[serde(default)]
    group: String,
    /// `a|b c~d @60 !e`: a or b, and d right after c, all within sixty bytes, in a sentence without e. With `^`, the
    /// first stands before the others.
    when: Vec<String>,
}

struct Rule {
    name: String,
    weight: u32,
    slots: Vec<Vec<Slot>>,
    span: usize,
    /// The first slot stands before the others.
    ordered: bool,
    without: Vec<Feature>,
    /// Rules of one group count once.
    group: String,
}

#[derive(Clone, Copy)]
enum Slot {
    One(Feature),
    /// The second right after the first.
    Pair(Feature, Feature),
}

/// Farthest that the second of a pair may stand from the first.
const PAIR: usize = 22;
const SPAN: usize = 90;
/// Occurrences of a feature that are looked at in a sentence.
const OCCURRENCES: usize = 6;
/// Longest sentence; longer ones are cut.
const SENTENCE: usize = 600;
/// Sentences whose points add up.
const WINDOW: usize = 8;

pub(super) struct Detector {
    terms: AhoCorasick,
    /// Feature of each term, and whether the term may go on.
    owners: Vec<(Feature, bool)>,
    names: Vec<String>,
    negated: Vec<Negated>,
    rules: Vec<Rule>,
    not: Feature,
    link: Feature,
    mail: Feature,
    hush: Feature,
}

/// What negation does to a feature.
#[derive(Clone, Copy)]
enum Negated {
    Stays,
    Goes,
    Becomes(Feature),
}

#[derive(Clone, Debug)]
struct Hit {
    feature: Feature,
    range: Range<usize>,
}

/// A combination that a text holds.
#[derive(Clone, Debug)]
pub(super) struct Sign {
    pub name: String,
    pub weight: u32,
    pub range: Range<usize>,
    group: String,
    sentence: usize,
}

/// Letters of scripts that divide no words, or put little words before others without a space.
fn joins(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{6ff}' | '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

impl Detector {
    /// The detector, or what is wrong with its lexicon.
    pub fn new(lexicon: &Lexicon) -> Result<Self, String> {
        let names: Vec<String> = lexicon.features.keys().cloned().collect();
        let number = |name: &str| {
            names
                .iter()
                .position(|n| n == name)
                .and_then(|k| Feature::try_from(k).ok())
                .ok_or_else(|| format!("no feature is called {name}"))
        };
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (name, lists) in &lexicon.features {
            let feature = number(name)?;
            for term in lists.iter().flat_map(|l| l.split(',')) {
                let folded = fold(term.trim()).text;
                let (text, open) = folded
                    .strip_suffix('*')
                    .map_or((folded.as_str(), false), |t| (t, true));
                if text.is_empty() {
                    return Err(format!("an empty term in {name}"));
                }
                owners.push((feature, open || text.chars().next_back().is_some_and(joins)));
                texts.push(text.to_owned());
            }
        }
        let terms = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&texts)
            .map_err(|e| e.to_string())?;
        let mut negated = vec![Negated::Stays; names.len()];
        for (from, to) in &lexicon.negated {
            let to = if to.is_empty() {
                Negated::Goes
            } else {
                Negated::Becomes(number(to)?)
            };
            if let Some(slot) = negated.get_mut(usize::from(number(from)?)) {
                *slot = to;
            }
        }
        let mut rules = Vec::new();
        for c in &lexicon.combinations {
            for when in &c.when {
                rules.push(rule(c, when, &number)?);
            }
        }
        Ok(Self {
            terms,
            owners,
            negated,
            rules,
            not: number("not")?,
            link: number("link")?,
            mail: number("mail")?,
            hush: number("talk")?,
            names,
        })
    }

    /// Every combination in a folded text.
    pub fn signs(&self, text: &str) -> Vec<Sign> {
        let mut hits = self.hits(text);
        hits.sort_by_key(|h| (h.range.start, std::cmp::Reverse(h.range.end)));
        let mut out = Vec::new();
        let mut rest = hits.as_slice();
        let sentences = sentences(text);
        // A word about attacks: what follows or stands before is an example of one.
        let mut quiet = vec![false; sentences.len() + 2];
        for (number, sentence) in sentences.iter().enumerate() {
            let (mine, after) =
                rest.split_at(rest.partition_point(|h| h.range.start < sentence.end));
            rest = after;
            if mine.iter().any(|h| h.feature == self.hush) {
                for q in quiet.iter_mut().skip(number).take(2) {
                    *q = true;
                }
            }
            if quiet.get(number) != Some(&true) {
                self.sentence(text, mine, number, &mut out);
            }
        }
        out
    }

    fn hits(&self, text: &str) -> Vec<Hit> {
        let mut out: Vec<Hit> = Vec::new();
        for found in self.terms.find_overlapping_iter(text) {
            let Some((feature, open)) = self.owners.get(found.pattern().as_usize()).copied() else {
                continue;
            };
            let range = found.range();
            let before = text.get(..range.start).and_then(|t| t.chars().next_back());
            let first = text.get(range.start..).and_then(|t| t.chars().next());
            let after = text.get(range.end..).and_then(|t| t.chars().next());
            let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            let starts = !word(before) || first.is_some_and(joins) || !word(first);
            let ends = open
                || !word(after)
                || !word(
                    text.get(range.start..range.end)
                        .and_then(|t| t.chars().next_back()),
                );
            if starts && ends {
                out.push(Hit { feature, range });
            }
        }
        for (at, _) in text.match_indices("://") {
            out.push(Hit {
                feature: self.link,
                range: at..at + 3,
            });
        }
        for (at, _) in text.match_indices('@') {
            let bytes = text.as_bytes();
            let part = |k: Option<usize>| {
                k.and_then(|k| bytes.get(k))
                    .is_some_and(u8::is_ascii_alphanumeric)
            };
            if part(at.checked_sub(1)) && part(at.checked_add(1)) {
                out.push(Hit {
                    feature: self.mail,
                    range: at..at + 1,
                });
            }
        }
        out.sort_by_key(|h| (h.range.start, std::cmp::Reverse(h.range.end)));
        out
    }

    /// The hits of a sentence after negations.
    fn resolved(&self, text: &str, hits: &[Hit]) -> Vec<Hit> {
        let mut out = Vec::with_capacity(hits.len());
        let mut negation: Option<usize> = None;
        for hit in hits {
            if hit.feature == self.not {
                // "If you do not tell me" forbids nothing.
                let before = text.get(..hit.range.start).unwrap_or_default();
                if [
                    "if you ",
                    "if u ",
                    "if you do ",
                    "unless you ",
                    "why ",
                    "why do you ",
                    "why are you ",
                ]
                .iter()
                .any(|c| before.ends_with(c))
                {
                    continue;
                }
                negation = Some(negation.unwrap_or(0).max(hit.range.end));
                out.push(hit.clone());
                continue;
            }
            let becomes = match self.negated.get(usize::from(hit.feature)) {
                Some(Negated::Goes) => None,
                Some(Negated::Becomes(feature)) => Some(*feature),
                Some(Negated::Stays) | None => {
                    out.push(hit.clone());
                    continue;
                }
            };
            let after = text.get(hit.range.end..).unwrap_or_default();
            let behind = [" nicht", " niet", " inte ", " ikke", " pas "]
                .iter()
                .any(|w| after.starts_with(w));
            let under = behind
                || negation
                    .filter(|end| *end <= hit.range.start)
                    .and_then(|end| text.get(end..hit.range.start))
                    .is_some_and(carries);
            if !under {
                out.push(hit.clone());
                continue;
            }
            // "Never repeat, translate or reveal": the negation goes on.
            negation = Some(hit.range.end);
            if let Some(feature) = becomes {
                out.push(Hit {
                    feature,
                    range: hit.range.clone(),
                });
            }
        }
        out
    }

    fn sentence(&self, text: &str, hits: &[Hit], number: usize, out: &mut Vec<Sign>) {
        if hits.is_empty() {
            return;
        }
        let hits = self.resolved(text, hits);
        let mut places: Vec<Vec<Range<usize>>> = vec![Vec::new(); self.names.len()];
        for hit in &hits {
            if let Some(list) = places.get_mut(usize::from(hit.feature))
                && list.len() < OCCURRENCES
            {
                list.push(hit.range.clone());
            }
        }
        let of = |f: Feature| places.get(usize::from(f)).map_or(&[][..], Vec::as_slice);
        for rule in &self.rules {
            if rule.without.iter().any(|f| !of(*f).is_empty())
                || rule.slots.iter().any(|s| {
                    s.iter().all(|s| match s {
                        Slot::One(f) => of(*f).is_empty(),
                        Slot::Pair(a, b) => of(*a).is_empty() || of(*b).is_empty(),
                    })
                })
            {
                continue;
            }
            let slots: Vec<Vec<Range<usize>>> =
                rule.slots.iter().map(|s| candidates(s, &of)).collect();
            if let Some(range) = together(&slots, rule.span, rule.ordered) {
                out.push(Sign {
                    name: rule.name.clone(),
                    weight: rule.weight,
                    range,
                    group: rule.group.clone(),
                    sentence: number,
                });
            }
        }
    }
}

/// Whether a negation reaches over these words.
fn carries(between: &str) -> bool {
    between.len() <= 40
        && between.split_whitespace().count() <= 4
        && !between.contains([':', ';', '"', '.', '!', '?'])
        && ![
            "but", "just", "instead", "and then", "only", "sondern", "mais", "pero", "then", "so",
            "when", "if", "until", "while", "because", "keep", "continue", "always",
        ]
        .iter()
        .any(|w| {
            between
                .split(|c: char| !c.is_alphanumeric())
                .any(|x| x == *w)
        })
        && (!between.contains(',')
            || between.len() <= 12
            || between.contains("circumstance")
            || between.contains(" or "))
}

fn candidates<'a>(slot: &[Slot], of: &impl Fn(Feature) -> &'a [Range<usize>]) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for s in slot {
        match s {
            Slot::One(f) => out.extend(of(*f).iter().cloned()),
            Slot::Pair(a, b) => {
                for first in of(*a) {
                    let second = of(*b)
                        .iter()
                        .find(|r| r.start >= first.end && r.start - first.end <= PAIR);
                    if let Some(second) = second {
                        out.push(first.start..second.end);
                    }
                }
            }
        }
    }
    out.sort_by_key(|r| r.start);
    out
}

/// One place of each slot, none over another, all within the span.
fn together(slots: &[Vec<Range<usize>>], span: usize, ordered: bool) -> Option<Range<usize>> {
    fn extend(
        slots: &[Vec<Range<usize>>],
        taken: &mut Vec<Range<usize>>,
        span: usize,
        ordered: bool,
    ) -> bool {
        let Some((slot, rest)) = slots.split_first() else {
            return true;
        };
        for place in slot {
            let free = taken
                .iter()
                .all(|t| t.end <= place.start || place.end <= t.start);
            let start = taken.iter().map(|t| t.start).min().unwrap_or(place.start);
            let end = taken.iter().map(|t| t.end).max().unwrap_or(place.end);
            let early = ordered && taken.first().is_some_and(|t| place.start < t.start);
            if !free || early || end.max(place.end) - start.min(place.start) > span {
                continue;
            }
            taken.push(place.clone());
            if extend(rest, taken, span, ordered) {
                return true;
            }
            taken.pop();
        }
        false
    }
    let mut taken = Vec::with_capacity(slots.len());
    if !extend(slots, &mut taken, span, ordered) {
        return None;
    }
    let start = taken.iter().map(|t| t.start).min()?;
    Some(start..taken.iter().map(|t| t.end).max()?)
}

/// The signs near each other that weigh most together.
pub(super) fn heaviest(signs: &[Sign]) -> (u32, Vec<Sign>) {
    let mut best = (0, Vec::new());
    for (k, first) in signs.iter().enumerate() {
        if k > 0
            && signs
                .get(k - 1)
                .is_some_and(|s| s.sentence == first.sentence)
        {
            continue;
        }
        let mut groups: BTreeMap<&str, &Sign> = BTreeMap::new();
        for sign in signs
            .iter()
            .skip(k)
            .take_while(|s| s.sentence < first.sentence + WINDOW)
        {
            let best = groups.entry(&sign.group).or_insert(sign);
            if sign.weight > best.weight {
                *best = sign;
            }
        }
        let score = groups.values().map(|s| s.weight).sum();
        if score > best.0 {
            best = (score, groups.into_values().cloned().collect());
        }
    }
    best
}

/// Where sentences begin and end.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut from = 0;
    let mut chars = text.char_indices().peekable();
    let mut last = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        let ends = match c {
            '.' | '!' | '?' | ';' => {
                next.is_none_or(|n| n.is_whitespace() || matches!(n, '"' | '\'' | ')'))
            }
            '。' | '！' | '？' | '؟' | '।' => true,
            // A line that goes on in the next one.
            '\n' => {
                !(next.is_some_and(char::is_lowercase) && (last.is_alphanumeric() || last == ','))
            }
            _ => false,
        };
        if !c.is_whitespace() {
            last = c;
        }
        let end = at + c.len_utf8();
        if ends || end - from > SENTENCE && c == ' ' {
            out.push(from..end);
            from = end;
        }
    }
    if from < text.len() {
        out.push(from..text.len());
    }
    out
}

fn rule(
    c: &Combination,
    when: &str,
    number: &impl Fn(&str) -> Result<Feature, String>,
) -> Result<Rule, String> {
    let mut rule = Rule {
        name: c.name.clone(),
        weight: c.weight,
        slots: Vec::new(),
        span: SPAN,
        ordered: false,
        without: Vec::new(),
        group: if c.group.is_empty() {
            c.name.clone()
        } else {
            c.group.clone()
        },
    };
    for part in when.split_whitespace() {
        if let Some(span) = part.strip_prefix('@') {
            rule.span = span.parse().map_err(|_| format!("{when}: {part}"))?;
        } else if part == "^" {
            rule.ordered = true;
        } else if let Some(without) = part.strip_prefix('!') {
            for name in without.split('|') {
                rule.without.push(number(name)?);
            }
        } else {
            let mut slot = Vec::new();
            for name in part.split('|') {
                slot.push(match name.split_once('~') {
                    Some((a, b)) => Slot::Pair(number(a)?, number(b)?),
                    None => Slot::One(number(name)?),
                });
            }
            rule.slots.push(slot);
        }
    }
    if rule.slots.is_empty() {
        return Err(format!("{when}: no feature"));
    }
    Ok(rule)
}
