//! Scanning one piece of code.

use std::ops::Range;

use crate::ast::{Ast, Limits};
use crate::engine::{Eval, Hit};
use crate::lang;
use crate::rule::{Confidence, Level, Rule, Severity};
use crate::value::Taint;

/// What to scan.
#[derive(Clone, Debug)]
pub struct ScanRequest<'a> {
    /// Canonical name of the language.
    pub language: &'a str,
    /// The code.
    pub code: &'a str,
    /// Names that are bound when the code starts, with what is known of their origin.
    pub bindings: &'a [(String, Taint)],
    /// Bounds.
    pub limits: Limits,
}

impl<'a> ScanRequest<'a> {
    /// Code in a language, with the usual bounds.
    pub fn new(language: &'a str, code: &'a str) -> Self {
        ScanRequest {
            language,
            code,
            bindings: &[],
            limits: Limits::default(),
        }
    }
}

/// One dangerous place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: Rule,
    /// Bytes of the scanned text.
    pub range: Range<usize>,
    /// How bad, here.
    pub severity: Severity,
    /// How sure, here.
    pub confidence: Confidence,
    /// The laxest built-in policy that reports it.
    pub level: Level,
    /// What to show.
    pub message: String,
    /// Where the data came in, with words for it.
    pub source: Option<(Range<usize>, String)>,
}

/// All rules of a language, in the order of their definition.
pub fn rules(language: &str) -> &'static [Rule] {
    lang::find(language).map_or(&[], |l| &l.rules.rules)
}

/// Scans one piece of code with the built-in rules; findings come in the order of the text.
pub fn scan(request: &ScanRequest<'_>) -> Vec<Finding> {
    let Some(lang) = lang::find(request.language) else {
        return Vec::new();
    };
    let Some(ast) = Ast::parse(request.code, lang, &request.limits) else {
        return Vec::new();
    };
    let mut eval = Eval::new(&ast, vec![&lang.rules]);
    eval.run(request.bindings);
    let hits = std::mem::take(&mut eval.hits);
    let mut out: Vec<Finding> = hits.into_iter().filter_map(|h| finding(&eval, h)).collect();
    out.sort_by(|a, b| {
        (
            a.range.start,
            a.range.end,
            &a.rule.id,
            std::cmp::Reverse(a.confidence),
        )
            .cmp(&(
                b.range.start,
                b.range.end,
                &b.rule.id,
                std::cmp::Reverse(b.confidence),
            ))
    });
    out.dedup_by(|a, b| {
        a.range.start == b.range.start && a.rule.id == b.rule.id && {
            b.level = a.level.min(b.level);
            b.severity = a.severity.max(b.severity);
            true
        }
    });
    out
}

fn finding(eval: &Eval<'_, '_>, hit: Hit) -> Option<Finding> {
    let rule = eval.sets.get(hit.set as usize)?.rule(hit.rule)?.clone();
    let source = hit
        .origin
        .map(|(range, taint)| (range, taint.describe().to_owned()));
    let mut message = hit.message.unwrap_or_else(|| rule.message.clone());
    if let Some((_, words)) = &source {
        message = format!("{message} The value is {words}.");
    }
    Some(Finding {
        range: hit.range,
        severity: hit.severity.unwrap_or(rule.severity),
        confidence: hit.confidence.unwrap_or(rule.confidence),
        level: hit.level.unwrap_or(rule.level),
        message,
        source,
        rule,
    })
}
