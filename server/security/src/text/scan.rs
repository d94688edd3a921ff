//! The checks on text, as findings.

use std::ops::Range;
use std::sync::LazyLock;

use super::{secrets, unicode};
use crate::rule::{Confidence, Level, Rule};
use crate::ruleset::RuleSet;
use crate::scan::Finding;

/// The rules of this module.
pub(crate) fn rules() -> &'static RuleSet {
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::built_in("text", false));
    &RULES
}

pub(crate) fn finding(id: &str, range: Range<usize>, message: Option<String>) -> Option<Finding> {
    let set = rules();
    let rule: Rule = set.rule(set.find(id)?)?.clone();
    Some(Finding {
        range,
        severity: rule.severity,
        confidence: rule.confidence,
        level: rule.level,
        message: message.unwrap_or_else(|| rule.message.clone()),
        source: None,
        cell: None,
        rule,
    })
}

/// Hidden characters and credentials of a text.
pub(crate) fn scan_text(text: &str) -> Vec<Finding> {
    let mut out = hidden(text);
    for s in secrets::find(text) {
        let message = match s.rule {
            "SEC-TOKEN" => Some(format!(
                "This is a key of a service ({}); whoever reads the text can use it.",
                s.what
            )),
            "SEC-NAMED-VALUE" | "SEC-PASSWORD" => Some(format!(
                "`{}` looks like a credential written into the text.",
                s.what
            )),
            _ => None,
        };
        out.extend(finding(s.rule, s.range, message));
    }
    out
}

/// Hidden characters of a text.
pub(crate) fn hidden(text: &str) -> Vec<Finding> {
    let mut out = Vec::new();
    for run in unicode::hidden_runs(text) {
        let (id, message) = match run.kind {
            unicode::Hidden::Bidi => ("SEC-BIDI", None),
            unicode::Hidden::Invisible => ("SEC-INVISIBLE", None),
            unicode::Hidden::Smuggled if run.decoded.is_empty() => ("SEC-INVISIBLE", None),
            unicode::Hidden::Smuggled => {
                let words: String = run.decoded.chars().take(60).collect();
                (
                    "SEC-SMUGGLED",
                    Some(format!("Hidden characters carry the text “{words}”.")),
                )
            }
        };
        if let Some(mut f) = finding(id, run.range, message) {
            if run.mild {
                f.level = Level::Strict;
                f.confidence = Confidence::Low;
            }
            out.push(f);
        }
    }
    for range in unicode::mixed_words(text) {
        out.extend(finding("SEC-HOMOGLYPH", range, None));
    }
    out
}
