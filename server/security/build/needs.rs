//! What every match of a pattern holds: texts of which one must be there before the pattern is worth compiling.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind, Look};
use serde_json::Value;

/// One of the texts stands in every match.
pub struct Need {
    /// The text that is searched begins with it.
    start: bool,
    /// Upper and lower case are the same.
    fold: bool,
    texts: BTreeSet<String>,
}

/// Keys of a matcher, at any depth, that hold patterns.
const PATTERNS: [&str; 6] = ["re", "source", "string", "text", "unless_text", "only_text"];

/// Gathers the patterns of a matcher.
pub fn collect(value: &Value, out: &mut BTreeMap<String, Need>) {
    match value {
        Value::Array(list) => list.iter().for_each(|it| collect(it, out)),
        Value::Object(map) => {
            for (key, value) in map {
                let pattern = value.as_str().filter(|_| PATTERNS.contains(&key.as_str()));
                let Some(pattern) = pattern else {
                    collect(value, out);
                    continue;
                };
                // As the scanner reads it.
                let pattern = if key == "text" {
                    format!("(?m){pattern}")
                } else {
                    pattern.to_owned()
                };
                add(pattern, out);
            }
        }
        _ => {}
    }
}

/// Adds what is known of a pattern.
pub fn add(pattern: String, out: &mut BTreeMap<String, Need>) {
    if let Some(need) = need(&pattern) {
        out.insert(pattern, need);
    }
}

/// The table as the scanner's source text, in the order of the patterns.
pub fn table(patterns: &BTreeMap<String, Need>) -> String {
    let mut out = format!("static NEEDS: [(&str, Need); {}] = [\n", patterns.len());
    for (pattern, need) in patterns {
        let Need { start, fold, texts } = need;
        let firsts = texts.iter().filter_map(|text| text.bytes().next());
        let firsts = firsts.fold(0_u128, |set, byte| {
            let both = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
            let bytes = if *fold { both } else { [byte; 2] };
            bytes.iter().fold(set, |set, byte| set | 1 << byte)
        });
        let _ = writeln!(
            out,
            "    ({pattern:?}, Need {{ start: {start}, fold: {fold}, firsts: {firsts}, texts: &{:?} }}),",
            texts.iter().collect::<Vec<_>>()
        );
    }
    out + "];\n"
}

fn need(pattern: &str) -> Option<Need> {
    if !pattern.is_ascii() {
        return None;
    }
    let (fold, pattern) = without_fold(pattern)?;
    let hir = regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(&pattern)
        .ok()?;
    let start = hir.properties().look_set_prefix().contains(Look::Start);
    let begins = start.then(|| prefixes(&hir, 1)).flatten();
    let found = begins.map(|texts| (true, texts));
    let (start, texts) = found.or_else(|| Some((false, required(&hir)?)))?;
    Some(Need { start, fold, texts })
}

/// The pattern without the flag that makes upper and lower case the same (every letter would be two literals), and whether it had
/// that; `None` where only a part of it has.
fn without_fold(pattern: &str) -> Option<(bool, String)> {
    let flags = pattern.strip_prefix("(?").and_then(|rest| {
        let (flags, rest) = rest.split_once(')')?;
        flags
            .bytes()
            .all(|flag| flag.is_ascii_lowercase())
            .then_some((flags, rest))
    });
    let (fold, left) = match flags {
        Some((flags, rest)) if flags.contains('i') => {
            let others = flags.replace('i', "");
            let others = match others.as_str() {
                "" => String::new(),
                others => format!("(?{others})"),
            };
            (true, others + rest)
        }
        _ => (false, pattern.to_owned()),
    };
    let partly = left.match_indices("(?").any(|(at, _)| {
        let flags = left.get(at + 2..).unwrap_or_default();
        flags
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .any(|c| c == 'i')
    });
    (!partly).then_some((fold, left))
}

/// Lengths and number of texts that are worth searching for.
const SHORTEST: usize = 2;
const LONGEST: usize = 12;
const MOST: usize = 32;

/// Texts one of which stands somewhere in every match.
fn required(hir: &Hir) -> Option<BTreeSet<String>> {
    let mut found = Vec::new();
    found.extend(prefixes(hir, SHORTEST));
    found.extend(literals(hir, &ExtractKind::Suffix, SHORTEST));
    match hir.kind() {
        HirKind::Capture(inner) => found.extend(required(&inner.sub)),
        HirKind::Repetition(inner) if inner.min > 0 => found.extend(required(&inner.sub)),
        HirKind::Concat(parts) => {
            for from in 1..parts.len() {
                let rest = parts.get(from..).unwrap_or_default().to_vec();
                found.extend(prefixes(&Hir::concat(rest), SHORTEST));
            }
            found.extend(parts.iter().filter_map(required));
        }
        HirKind::Alternation(parts) => {
            let each: Option<Vec<_>> = parts.iter().map(required).collect();
            found.extend(each.map(|sets| sets.into_iter().flatten().collect::<BTreeSet<_>>()));
        }
        _ => {}
    }
    found.retain(|texts| texts.len() <= MOST);
    // The longer the shortest of them, the rarer it is.
    found.into_iter().max_by_key(|texts| {
        let shortest = texts.iter().map(String::len).min().unwrap_or(0);
        (shortest.min(6), MOST - texts.len())
    })
}

fn prefixes(hir: &Hir, least: usize) -> Option<BTreeSet<String>> {
    literals(hir, &ExtractKind::Prefix, least)
}

/// What every match begins or ends with; `None` where that cannot be told or says too little.
fn literals(hir: &Hir, kind: &ExtractKind, least: usize) -> Option<BTreeSet<String>> {
    let found = Extractor::new()
        .kind(kind.clone())
        .limit_class(16)
        .extract(hir);
    let texts = found.literals()?.iter().map(|it| {
        let text = std::str::from_utf8(it.as_bytes()).ok()?;
        let cut = match kind {
            ExtractKind::Suffix => text.get(text.len().saturating_sub(LONGEST)..)?,
            _ => text.get(..text.len().min(LONGEST))?,
        };
        (cut.is_ascii() && cut.len() >= least).then(|| cut.to_owned())
    });
    let texts: BTreeSet<String> = texts.collect::<Option<_>>()?;
    (!texts.is_empty() && texts.len() <= MOST).then_some(texts)
}
