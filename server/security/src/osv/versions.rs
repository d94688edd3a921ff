//! Versions in order, and whether one lies in the ranges of a record.

use super::VersionRange;

/// Versions as numbers, then words; a word makes it older than the bare number.
pub(super) fn compare(a: &str, b: &str) -> std::cmp::Ordering {
    let parts = |v: &str| -> Vec<(i8, u64, String)> {
        let clean = v
            .trim_start_matches('v')
            .split('+')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let mut out: Vec<(i8, u64, String)> = Vec::new();
        let mut word = String::new();
        let mut number = String::new();
        for c in clean.chars().chain(['.']) {
            if c.is_ascii_digit() {
                if !word.is_empty() {
                    out.push((-1, 0, std::mem::take(&mut word)));
                }
                number.push(c);
            } else {
                if !number.is_empty() {
                    out.push((1, number.parse().unwrap_or(u64::MAX), String::new()));
                    number.clear();
                }
                if c.is_ascii_alphabetic() {
                    word.push(c);
                } else if !word.is_empty() {
                    out.push((-1, 0, std::mem::take(&mut word)));
                }
            }
        }
        out
    };
    let (a, b) = (parts(a), parts(b));
    for k in 0..a.len().max(b.len()) {
        let end = (0, 0, String::new());
        let (x, y) = (a.get(k).unwrap_or(&end), b.get(k).unwrap_or(&end));
        // `1.0` and `1` are the same version.
        let zero = |p: &(i8, u64, String)| p.0 >= 0 && p.1 == 0;
        if zero(x) && zero(y) {
            continue;
        }
        let order = x.cmp(y);
        if order != std::cmp::Ordering::Equal {
            return order;
        }
    }
    std::cmp::Ordering::Equal
}

pub(super) fn in_ranges(ranges: &[VersionRange], version: &str) -> (bool, Option<String>) {
    let mut inside_any = false;
    let mut fixed_in = None;
    for range in ranges.iter().filter(|r| r.kind != "GIT") {
        let mut inside = false;
        for event in &range.events {
            if let Some(v) = event.get("introduced")
                && (v == "0" || compare(version, v).is_ge())
            {
                inside = true;
            }
            if let Some(v) = event.get("fixed") {
                if compare(version, v).is_ge() {
                    inside = false;
                } else if inside && fixed_in.is_none() {
                    fixed_in = Some(v.clone());
                }
            }
            if let Some(v) = event.get("last_affected")
                && compare(version, v).is_gt()
            {
                inside = false;
            }
        }
        inside_any |= inside;
    }
    (inside_any, fixed_in)
}
