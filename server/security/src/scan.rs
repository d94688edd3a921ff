//! Scanning one piece of code.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::ast::{Ast, Limits};
use crate::engine::{Eval, Hit};
use crate::lang;
use crate::rule::{Confidence, Level, Rule, Severity};
use crate::text;
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

/// All rules of a language (or of `text`, which apply to every language), in the order of their definition.
pub fn rules(language: &str) -> &'static [Rule] {
    if language == "text" {
        return &text::scan::rules().rules;
    }
    lang::find(language).map_or(&[], |l| &l.rules.rules)
}

/// Scans one piece of code with the built-in rules; findings come in the order of the text.
///
/// Code in a language that has no grammar here is still searched for credentials and hidden characters.
pub fn scan(request: &ScanRequest<'_>) -> Vec<Finding> {
    let mut out = scan_code(request);
    out.extend(text::scan::scan_text(request.code));
    tidy(&mut out);
    out
}

fn scan_code(request: &ScanRequest<'_>) -> Vec<Finding> {
    let Some(lang) = lang::find(request.language) else {
        return Vec::new();
    };
    let Some(mut ast) = Ast::parse(request.code, lang, &request.limits) else {
        return Vec::new();
    };
    if lang.name == "typescript" && ast.tree.root_node().has_error() {
        // JSX needs its own grammar; whichever reads the code without faults is right.
        let tsx = lang::find("tsx").and_then(|l| Ast::parse(request.code, l, &request.limits));
        if let Some(tsx) = tsx.filter(|t| !t.tree.root_node().has_error()) {
            ast = tsx;
        }
    }
    let mut eval = Eval::new(&ast, vec![&ast.lang.rules]);
    eval.run(request.bindings);
    let hits = std::mem::take(&mut eval.hits);
    hits.into_iter().filter_map(|h| finding(&eval, h)).collect()
}

/// Orders findings and drops doubles.
pub(crate) fn tidy(out: &mut Vec<Finding>) {
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
    let mut seen: FxHashMap<(usize, String), usize> = FxHashMap::default();
    let mut kept: Vec<Finding> = Vec::with_capacity(out.len());
    for f in out.drain(..) {
        if let Some(old) = seen
            .get(&(f.range.start, f.rule.id.clone()))
            .and_then(|k| kept.get_mut(*k))
        {
            old.level = old.level.min(f.level);
            old.severity = old.severity.max(f.severity);
            old.confidence = old.confidence.max(f.confidence);
        } else {
            seen.insert((f.range.start, f.rule.id.clone()), kept.len());
            kept.push(f);
        }
    }
    *out = kept;
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
