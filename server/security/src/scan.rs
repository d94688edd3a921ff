//! Scanning one piece of code.

use std::ops::Range;

use crate::ast::{Ast, Limits};
use crate::capability::Capability;
use crate::engine::{Eval, Hit};
use crate::lang;
use crate::path::glob;
use crate::policy::Policy;
use crate::rule::{Confidence, Level, Rule, Severity};
use crate::ruleset::RuleSet;
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
    /// The cell it stands in, in a metascript.
    pub cell: Option<usize>,
}

/// All rules of a language (or of `text`, which apply to every language), in the order of their definition.
pub fn rules(language: &str) -> &'static [Rule] {
    match language {
        "text" => return &text::scan::rules().rules,
        "metascript" => return &crate::document::rules().rules,
        _ => {}
    }
    lang::find(language).map_or(&[], |l| &l.rules.rules)
}

/// Scans one piece of code with the built-in rules; findings come in the order of the text.
///
/// Code in a language that has no grammar here is still searched for credentials and hidden characters. All
/// findings are given, of every level: [`Policy::apply`] drops what a policy does not report.
pub fn scan(request: &ScanRequest<'_>) -> Vec<Finding> {
    let mut out = scan_with(request, &Policy::default()).0;
    tidy(&mut out);
    out
}

/// Scans one piece of code, and gives what the policy reports of it.
pub fn scan_under(request: &ScanRequest<'_>, policy: &Policy) -> Vec<Finding> {
    let mut out = scan_with(request, policy).0;
    tidy(&mut out);
    policy.apply(request.code, out)
}

/// What a piece of code leaves behind for those after it.
#[derive(Default)]
pub(crate) struct Left {
    pub variables: Vec<(String, Taint)>,
    pub result: Taint,
    /// What it needs from the machine.
    pub needs: Vec<Capability>,
}

pub(crate) fn scan_with(request: &ScanRequest<'_>, policy: &Policy) -> (Vec<Finding>, Left) {
    let (mut out, left) = scan_code(request, policy, &[]);
    out.extend(text::scan::scan_text(request.code));
    (out, left)
}

/// The part of a scan that parses; `extra` are rule sets beside the built-in one.
pub(crate) fn scan_code(
    request: &ScanRequest<'_>,
    policy: &Policy,
    extra: &[&RuleSet],
) -> (Vec<Finding>, Left) {
    let mut left = Left::default();
    let Some(lang) = lang::find(request.language) else {
        return (Vec::new(), left);
    };
    let Some(mut ast) = Ast::parse(request.code, lang, &request.limits) else {
        return (Vec::new(), left);
    };
    if lang.name == "typescript" && ast.tree.root_node().has_error() {
        // JSX needs its own grammar; whichever reads the code without faults is right.
        let tsx = lang::find("tsx").and_then(|l| Ast::parse(request.code, l, &request.limits));
        if let Some(tsx) = tsx.filter(|t| !t.tree.root_node().has_error()) {
            ast = tsx;
        }
    }
    let completed = ast
        .tree
        .root_node()
        .has_error()
        .then(|| lang::complete::closers(lang.name, request.code))
        .flatten()
        .map(|end| format!("{}{end}", request.code));
    if let Some(completed) = &completed {
        let better = Ast::parse(completed, ast.lang, &request.limits);
        ast = better.filter(|b| faults(b) < faults(&ast)).unwrap_or(ast);
    }
    if lang.name == "python" && ast.tree.root_node().has_error() {
        let code = completed.as_deref().unwrap_or(request.code);
        let ranges = lang::outdent::ranges(code);
        let better = (!ranges.is_empty())
            .then(|| Ast::parse_within(code, ast.lang, &request.limits, &ranges))
            .flatten();
        ast = better.filter(|b| faults(b) < faults(&ast)).unwrap_or(ast);
    }
    let mut sets = vec![&ast.lang.rules];
    sets.extend(extra);
    let mut eval = Eval::new(&ast, sets);
    eval.run(request.bindings);
    let hits = std::mem::take(&mut eval.hits);
    let mut out: Vec<Finding> = hits.into_iter().filter_map(|h| finding(&eval, h)).collect();
    needs(&eval, policy, &mut out);
    // Grammars may see a line end behind the last line.
    let end = request.code.len();
    for f in &mut out {
        f.range = f.range.start.min(end)..f.range.end.min(end);
    }
    left.needs = eval.capabilities.iter().map(|(need, _)| *need).collect();
    left.needs.sort_unstable();
    left.needs.dedup();
    let carried = Taint::UNTRUSTED.or(Taint::FILE).or(Taint::SECRET);
    for (name, val) in &eval.top_level {
        let name = eval.syms.str(*name);
        if !name.contains(['.', '(', '#'])
            && val.safe != crate::value::Safe::ALL
            && val.taint.has(carried)
        {
            left.variables
                .push((name.to_owned(), val.taint.and(carried)));
        }
    }
    left.variables.sort_by(|a, b| a.0.cmp(&b.0));
    let last = ast
        .children(0)
        .filter(|c| ast.kind(*c) != crate::ast::Kind::Comment)
        .last()
        .unwrap_or(crate::ast::NONE);
    left.result = eval.val(last).taint.and(carried);
    (out, left)
}

/// How much of the code did not parse.
fn faults(ast: &Ast<'_>) -> usize {
    (0..ast.len())
        .filter(|id| ast.kind(*id) == crate::ast::Kind::Error)
        .map(|id| ast.range(id).len().max(1))
        .sum()
}

/// What the code needs and the policy denies, and imports that the policy or their name speaks against.
fn needs(eval: &Eval<'_, '_>, policy: &Policy, out: &mut Vec<Finding>) {
    let mut seen = Vec::new();
    for (capability, range) in &eval.capabilities {
        let name = capability.name();
        if policy.deny_capabilities.iter().any(|d| d == name) && !seen.contains(capability) {
            seen.push(*capability);
            if let Some(mut f) = crate::document::finding("MS-CAPABILITY", range.clone()) {
                f.message = format!(
                    "This needs the capability `{name}`, which the policy `{}` denies.",
                    policy.name
                );
                out.push(f);
            }
        }
    }
    for (path, at) in &eval.imports {
        let name = eval.syms.str(*path);
        let denied = policy.deny_imports.iter().any(|p| glob(p, name))
            || policy.allow_imports.as_ref().is_some_and(|list| {
                !list
                    .iter()
                    .any(|p| glob(p, name) || name.split('.').next() == Some(p.as_str()))
            });
        if denied
            && let Some(mut f) = crate::document::finding("MS-CAPABILITY", eval.ast.range(*at))
        {
            f.message = format!(
                "The policy `{}` does not allow the import of `{name}`.",
                policy.name
            );
            out.push(f);
        }
        if let Some(known) = text::packages::imitates(eval.ast.lang.name, name)
            && let Some(mut f) =
                crate::document::finding("MS-IMPORT-LOOKALIKE", eval.ast.range(*at))
        {
            f.message = format!("`{name}` looks like `{known}`, a well-known package.");
            out.push(f);
        }
    }
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
    // The doubles of a finding begin at the same place, though others may stand between them.
    let mut kept: Vec<Finding> = Vec::with_capacity(out.len());
    let mut here = 0;
    for f in out.drain(..) {
        if kept
            .get(here)
            .is_none_or(|k| k.range.start != f.range.start)
        {
            here = kept.len();
        }
        let known = kept
            .get_mut(here..)
            .and_then(|same| same.iter_mut().find(|k| k.rule.id == f.rule.id));
        if let Some(old) = known {
            old.level = old.level.min(f.level);
            old.severity = old.severity.max(f.severity);
            old.confidence = old.confidence.max(f.confidence);
        } else {
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
        cell: None,
        rule,
    })
}
