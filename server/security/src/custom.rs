//! Rules of your own: the same data format as the built-in ones, plus code patterns and tree-sitter queries.
//!
//! A pattern is code in which `$NAME` stands for any expression and `...` for any arguments or statements. Names are
//! resolved through imports: `subprocess.run($CMD, shell=True)` also finds `from subprocess import run`.

use std::path::PathBuf;

use rustc_hash::FxHashMap;
use streaming_iterator::StreamingIterator;
use tree_sitter::{Query, QueryCursor};

use crate::ast::{Ast, Field, Id, Kind, Limits, NONE};
use crate::engine::{Eval, Hit};
use crate::lang;
use crate::matcher::Trigger;
use crate::policy::Policy;
use crate::rule::Rule;
use crate::ruleset::RuleSet;
use crate::scan::{Finding, ScanRequest, scan_code, tidy};

/// Most steps that all patterns of a scan may take.
const BUDGET: usize = 2_000_000;

/// Compiled rules of your own.
pub struct CustomRules {
    by_language: FxHashMap<&'static str, RuleSet>,
}

impl CustomRules {
    /// Compiles rule files in YAML; the error names the rule and the fault.
    pub fn compile(texts: &[&str]) -> Result<CustomRules, String> {
        let mut by_language = FxHashMap::default();
        let mut any = false;
        for language in lang::LANGUAGES.iter().chain(&["tsx"]) {
            let loose = matches!(*language, "csharp" | "fsharp" | "rust");
            let set = RuleSet::compile(texts, language, loose)?;
            if let Some(fault) = set.fault() {
                return Err(fault);
            }
            if let Some(lang) = lang::find(language) {
                check_patterns(&set, lang)?;
            }
            any |= !set.rules.is_empty();
            by_language.insert(*language, set);
        }
        if any {
            Ok(CustomRules { by_language })
        } else {
            Err("there is no rule for a language that is parsed".into())
        }
    }

    /// Compiles rule files, and the `.yaml` and `.yml` files of folders; the error names the file or the rule.
    pub fn read(paths: &[PathBuf]) -> Result<CustomRules, String> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let entries =
                    std::fs::read_dir(path).map_err(|e| format!("{}: {e}", path.display()))?;
                let mut here: Vec<PathBuf> = entries
                    .filter_map(|e| e.ok().map(|e| e.path()))
                    .filter(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml"))
                    .collect();
                here.sort();
                files.extend(here);
            } else {
                files.push(path.clone());
            }
        }
        let texts: Vec<String> = files
            .iter()
            .map(|p| std::fs::read_to_string(p).map_err(|e| format!("{}: {e}", p.display())))
            .collect::<Result<_, _>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Self::compile(&texts)
    }

    pub(crate) fn set(&self, language: &str) -> Option<&RuleSet> {
        self.by_language.get(lang::find(language)?.name)
    }

    /// The rules of a language.
    pub fn rules(&self, language: &str) -> &[Rule] {
        self.by_language.get(language).map_or(&[], |s| &s.rules)
    }

    /// Scans with these rules alone.
    pub fn scan(&self, request: &ScanRequest<'_>) -> Vec<Finding> {
        let Some(set) = lang::find(request.language).and_then(|l| self.by_language.get(l.name))
        else {
            return Vec::new();
        };
        let (found, _) = scan_code(request, &Policy::default(), &[set]);
        let mut out: Vec<Finding> = found
            .into_iter()
            .filter(|f| set.find(&f.rule.id).is_some())
            .collect();
        tidy(&mut out);
        out
    }

    /// Runs the `ruleid:` and `ok:` comments of a test file: each speaks of the next line of code. Gives the faults.
    pub fn test(&self, language: &str, code: &str) -> Vec<String> {
        let findings = self.scan(&ScanRequest::new(language, code));
        let mut found: Vec<(usize, &str, bool)> = findings
            .iter()
            .map(|f| {
                (
                    code.get(..f.range.start)
                        .unwrap_or_default()
                        .matches('\n')
                        .count(),
                    f.rule.id.as_str(),
                    false,
                )
            })
            .collect();
        let mut faults = Vec::new();
        let lines: Vec<&str> = code.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((positive, ids)) = annotation(line) else {
                continue;
            };
            let target = (at + 1..lines.len()).find(|k| {
                lines
                    .get(*k)
                    .is_some_and(|l| !l.trim().is_empty() && annotation(l).is_none())
            });
            let Some(target) = target else { continue };
            for id in ids {
                let hit = found.iter_mut().find(|(l, r, _)| *l == target && *r == id);
                match (positive, hit) {
                    (true, Some(h)) => h.2 = true,
                    (true, None) => {
                        faults.push(format!("line {}: {id} should be found", target + 1));
                    }
                    (false, Some(_)) => {
                        faults.push(format!("line {}: {id} should not be found", target + 1));
                    }
                    (false, None) => {}
                }
            }
        }
        for (line, id, expected) in found {
            if !expected
                && !faults
                    .iter()
                    .any(|f| f.starts_with(&format!("line {}: {id} ", line + 1)))
            {
                faults.push(format!("line {}: {id} is found and not expected", line + 1));
            }
        }
        faults
    }
}

/// `# ruleid: A, B` or `// ok: A`.
fn annotation(line: &str) -> Option<(bool, Vec<&str>)> {
    let text = line
        .trim_start()
        .trim_start_matches(['#', '/', '-', '(', '*', '<', '!'])
        .trim_start();
    let (positive, rest) = if let Some(r) = text.strip_prefix("ruleid:") {
        (true, r)
    } else {
        (false, text.strip_prefix("ok:")?)
    };
    let rest = rest.trim_end_matches(['*', ')', '/', '>', '-']);
    Some((
        positive,
        rest.split([',', ' ']).filter(|s| !s.is_empty()).collect(),
    ))
}

fn check_patterns(set: &RuleSet, lang: &'static lang::Lang) -> Result<(), String> {
    for m in &set.matchers {
        let id = set.rule(m.rule).map_or("?", |r| r.id.as_str());
        match &m.trigger {
            Trigger::Query(text) => {
                Query::new(&lang.grammar, text).map_err(|e| format!("rule {id}: {e}"))?;
            }
            Trigger::Pattern(text) => {
                let code = encode(text);
                let ok =
                    Ast::parse(&code, lang, &Limits::default()).is_some_and(|a| root(&a) != NONE);
                if !ok {
                    return Err(format!(
                        "rule {id}: the pattern is no code of this language"
                    ));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// `$X` and `...` as names that every grammar takes.
fn encode(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.trim();
    while let Some(c) = rest.chars().next() {
        if let Some(r) = rest.strip_prefix("...") {
            out.push_str("MSDOTS");
            rest = r;
            continue;
        }
        if c == '$' && rest.chars().nth(1).is_some_and(|c| c.is_ascii_uppercase()) {
            out.push_str("MSVAR_");
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        out.push(c);
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

/// The expression or statement that a pattern is.
fn root(ast: &Ast<'_>) -> Id {
    let mut at = 0;
    for _ in 0..8 {
        let inner: Vec<Id> = ast
            .children(at)
            .filter(|c| ast.kind(*c) != Kind::Comment)
            .collect();
        match (ast.kind(at), inner.as_slice()) {
            (Kind::Module | Kind::Stmt | Kind::Wrap, [only]) => at = *only,
            (Kind::Module, _) => return NONE,
            _ => break,
        }
    }
    at
}

/// Runs the patterns and queries of the rule sets.
pub(crate) fn run(eval: &mut Eval<'_, '_>) {
    for n in 0..eval.sets.len() {
        let Some(set) = eval.sets.get(n).copied() else {
            continue;
        };
        let index = u8::try_from(n).unwrap_or(0);
        for m in &set.matchers {
            let ranges = match &m.trigger {
                Trigger::Pattern(text) => pattern_ranges(eval, text),
                Trigger::Query(text) => query_ranges(eval, text),
                _ => continue,
            };
            for range in ranges {
                eval.hits.push(Hit {
                    rule: m.rule,
                    set: index,
                    range,
                    severity: m.severity,
                    confidence: m.confidence,
                    level: m.level,
                    origin: None,
                    message: None,
                });
            }
        }
    }
}

fn query_ranges(eval: &Eval<'_, '_>, text: &str) -> Vec<std::ops::Range<usize>> {
    let Ok(query) = Query::new(&eval.ast.lang.grammar, text) else {
        return Vec::new();
    };
    let mut cursor = QueryCursor::new();
    cursor.set_match_limit(4096);
    let mut out = Vec::new();
    let mut matches = cursor.matches(&query, eval.ast.tree.root_node(), eval.ast.src.as_bytes());
    while let Some(m) = matches.next() {
        if let Some(c) = m.captures().first() {
            out.push(c.node.byte_range());
        }
        if out.len() >= 1000 {
            break;
        }
    }
    out
}

fn pattern_ranges(eval: &Eval<'_, '_>, text: &str) -> Vec<std::ops::Range<usize>> {
    let code = encode(text);
    let Some(pattern) = Ast::parse(&code, eval.ast.lang, &Limits::default()) else {
        return Vec::new();
    };
    let top = root(&pattern);
    let mut out = Vec::new();
    let mut budget = BUDGET;
    for id in 0..eval.ast.len() {
        if eval.ast.kind(id) != pattern.kind(top) {
            continue;
        }
        let mut bound = FxHashMap::default();
        if same(&pattern, top, eval, id, &mut bound, &mut budget) {
            out.push(eval.ast.range(id));
        }
        if budget == 0 || out.len() >= 1000 {
            break;
        }
    }
    out
}

type Bound<'s> = FxHashMap<String, &'s str>;

/// Whether code matches a pattern; the depth is that of the pattern.
fn same<'s>(
    pattern: &Ast<'_>,
    p: Id,
    eval: &Eval<'_, 's>,
    n: Id,
    bound: &mut Bound<'s>,
    budget: &mut usize,
) -> bool {
    if *budget == 0 {
        return false;
    }
    *budget -= 1;
    let (p, n) = (pattern.peel(p), eval.ast.peel(n));
    let text = pattern.text(p);
    if pattern.kind(p) == Kind::Name {
        if text == "MSDOTS" {
            return true;
        }
        if let Some(name) = text.strip_prefix("MSVAR_") {
            let here = eval.ast.text(n);
            return *bound.entry(name.to_owned()).or_insert(here) == here;
        }
    }
    if pattern.kind(p) != eval.ast.kind(n) && !matches!(pattern.kind(p), Kind::Attr | Kind::Name) {
        return false;
    }
    match pattern.kind(p) {
        Kind::Name | Kind::Attr if !text.contains("MSVAR_") && !text.contains("MSDOTS") => {
            let path = eval.syms.str(eval.val(n).path);
            let plain: String = text
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
                .replace("::", ".");
            path == plain || eval.ast.text(n) == text
        }
        Kind::Call | Kind::New => {
            let a = pattern.lang.hooks.call_parts(pattern, p);
            let b = eval.ast.lang.hooks.call_parts(eval.ast, n);
            if !same(pattern, a.callee, eval, b.callee, bound, budget) {
                return false;
            }
            let dots = a.args.iter().any(|x| pattern.text(x.node) == "MSDOTS");
            for named in a.args.iter().filter(|x| !x.name.is_empty()) {
                let Some(other) = b.args.iter().find(|y| y.name == named.name) else {
                    return false;
                };
                if !same(pattern, named.node, eval, other.node, bound, budget) {
                    return false;
                }
            }
            let list = |args: &[lang::ArgNode<'_>]| {
                args.iter()
                    .filter(|x| x.name.is_empty())
                    .map(|x| x.node)
                    .collect::<Vec<_>>()
            };
            if !dots && b.args.len() != a.args.len() {
                return false;
            }
            sequence(pattern, &list(&a.args), eval, &list(&b.args), bound, budget)
        }
        Kind::Str => {
            pattern.lang.hooks.string(pattern, p) == eval.ast.lang.hooks.string(eval.ast, n)
                && eval.val(n).str().is_some()
        }
        _ => {
            let a: Vec<Id> = pattern
                .children(p)
                .filter(|c| pattern.kind(*c) != Kind::Comment)
                .collect();
            let b: Vec<Id> = eval
                .ast
                .children(n)
                .filter(|c| eval.ast.kind(*c) != Kind::Comment)
                .collect();
            if a.is_empty() && b.is_empty() {
                return text == eval.ast.text(n);
            }
            let operator = |ast: &Ast<'_>, id: Id| ast.child(id, Field::Operator);
            let (x, y) = (operator(pattern, p), operator(eval.ast, n));
            (x == NONE || y == NONE || pattern.text(x) == eval.ast.text(y))
                && sequence(pattern, &a, eval, &b, bound, budget)
        }
    }
}

/// Lists with `MSDOTS` in them: the rest after it may begin anywhere.
fn sequence<'s>(
    pattern: &Ast<'_>,
    a: &[Id],
    eval: &Eval<'_, 's>,
    b: &[Id],
    bound: &mut Bound<'s>,
    budget: &mut usize,
) -> bool {
    let (mut i, mut k) = (0, 0);
    let mut resume: Option<(usize, usize)> = None;
    while k < b.len() || i < a.len() {
        if *budget == 0 {
            return false;
        }
        let dots = a
            .get(i)
            .is_some_and(|x| pattern.text(pattern.peel(*x)) == "MSDOTS");
        if dots {
            resume = Some((i + 1, k));
            i += 1;
            continue;
        }
        if let (Some(x), Some(y)) = (a.get(i), b.get(k))
            && same(pattern, *x, eval, *y, bound, budget)
        {
            i += 1;
            k += 1;
            continue;
        }
        match resume {
            Some((after, from)) if from < b.len() => {
                resume = Some((after, from + 1));
                i = after;
                k = from + 1;
            }
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
languages: [python]
rules:
- &base
  id: MY-SHELL
  title: Shell
  severity: high
  confidence: high
  level: moderate
  category: command
  message: No shells.
  why: We said so.
  fix: Use a list.
  bad: x
  good: x
  match:
  - pattern: subprocess.run($CMD, shell=True)
- id: MY-SAME
  title: Same
  severity: low
  confidence: high
  level: moderate
  category: quality
  message: Compares a thing with itself.
  why: It is always true.
  fix: Compare with something else.
  bad: x
  good: x
  match:
  - pattern: $X == $X
- id: MY-PRINT
  title: Print
  severity: low
  confidence: high
  level: moderate
  category: quality
  message: No print.
  why: It is noise.
  fix: Log.
  bad: x
  good: x
  match:
  - query: '(call function: (identifier) @f (#eq? @f "print"))'
- id: MY-OPEN
  title: Open
  severity: low
  confidence: high
  level: moderate
  category: quality
  message: Binary mode.
  why: It is our rule.
  fix: Use text.
  bad: x
  good: x
  match:
  - pattern: open(..., "rb", ...)
"#;

    #[test]
    fn annotations_decide() {
        let rules = CustomRules::compile(&[RULES]).unwrap();
        let code = "from subprocess import run\n# ruleid: MY-SHELL\nrun(cmd, shell=True)\n# ok: MY-SHELL\nrun(cmd)\n# ok: MY-SHELL\nrun(cmd, x, shell=True)\n# ruleid: MY-SAME\na.b == a.b\n# ok: MY-SAME\na == b\n# ruleid: MY-PRINT\nprint(1)\n# ruleid: MY-OPEN\nopen(p, \"rb\")\n# ok: MY-OPEN\nopen(p)\n";
        assert_eq!(rules.test("python", code), Vec::<String>::new());
        assert_eq!(
            rules
                .test("python", "# ruleid: MY-SAME\na == b\nprint(2)\n")
                .len(),
            2
        );
        let broken = RULES.replace("$X == $X", "== == (");
        assert!(
            CustomRules::compile(&[&broken.replace("(call function", "(caal function")]).is_err()
        );
    }
}
