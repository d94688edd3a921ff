//! Scanning a metascript: its cells, the code in its strings, the blocks themselves, and what flows between them.

mod actions;
mod flow;
mod memo;
mod script;

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use metascript_syntax::ast::{Block, Item, Value};
use metascript_syntax::{Cell, Document};
use rustc_hash::FxHashMap;

use crate::capability::Capability;
use crate::custom::CustomRules;
use crate::osv::OsvDatabase;
use crate::policy::Policy;
use crate::rule::{Confidence, Rule};
use crate::ruleset::RuleSet;
use crate::scan::{Finding, ScanRequest, scan_code, scan_with, tidy};
use crate::setup::Setup;
use crate::text;
use crate::value::Taint;
use flow::Flow;
use memo::Memo;
pub use script::script_policy;

/// Languages of cells in which `${x}` is a value.
const VALUE_LANGUAGES: [&str; 5] = ["python", "javascript", "typescript", "fsharp", "rust"];

/// The rules about metascripts themselves.
pub(crate) fn rules() -> &'static RuleSet {
    static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::built_in("metascript", false));
    &RULES
}

/// A finding of a metascript rule.
pub(crate) fn finding(id: &str, range: Range<usize>) -> Option<Finding> {
    let set = rules();
    let rule: Rule = set.rule(set.find(id)?)?.clone();
    Some(Finding {
        range,
        severity: rule.severity,
        confidence: rule.confidence,
        level: rule.level,
        message: rule.message.clone(),
        source: None,
        cell: None,
        rule,
    })
}

/// Everything dangerous in a metascript that the policy reports, with ranges of the document.
pub fn scan_document(document: &Document, policy: &Policy) -> Vec<Finding> {
    let sets = Extra::default();
    scan_with_memo(document, policy, &sets, &mut Memo::default(), true)
}

/// Scans a metascript again and again, and looks only at the pieces that changed.
///
/// A piece (a cell, a prompt, the text of a block) is known by its content and by what flows into it, not by its place:
/// moving it costs nothing, and a change of what an earlier cell leaves behind scans the later ones again. What a piece
/// gave is kept until the next scan that does not meet it, so that the memory is bounded by the document.
pub struct DocumentScanner {
    setup: Arc<Setup>,
    memo: Memo,
}

impl DocumentScanner {
    /// A scanner that knows nothing yet.
    pub fn new(setup: Arc<Setup>) -> Self {
        DocumentScanner {
            setup,
            memo: Memo::default(),
        }
    }

    /// What it works with.
    pub fn setup(&self) -> &Arc<Setup> {
        &self.setup
    }

    /// Changes what it works with; the next scan looks at everything.
    pub fn set_setup(&mut self, setup: Arc<Setup>) {
        *self = DocumentScanner::new(setup);
    }

    /// What [`scan_document`] gives for the document, and what the setup adds to it, in the order of the text, with byte
    /// ranges of the document.
    pub fn scan(&mut self, document: &Document) -> Vec<Finding> {
        self.look(document, true)
    }

    /// As [`DocumentScanner::scan`], for a script that nobody has read yet, as a model's: its comments silence nothing.
    pub fn scan_unread(&mut self, document: &Document) -> Vec<Finding> {
        self.look(document, false)
    }

    /// What each cell of the document scanned last needs from the machine, by the cell's number.
    pub fn needs(&self) -> &[Vec<Capability>] {
        &self.memo.needs
    }

    fn look(&mut self, document: &Document, suppressible: bool) -> Vec<Finding> {
        let extra = Extra {
            custom: self.setup.custom.as_ref(),
            vulnerabilities: self.setup.vulnerabilities.as_ref(),
        };
        let policy = &self.setup.policy;
        scan_with_memo(document, policy, &extra, &mut self.memo, suppressible)
    }
}

/// What a scan knows beside the built-in rules.
#[derive(Clone, Copy, Default)]
struct Extra<'a> {
    custom: Option<&'a CustomRules>,
    vulnerabilities: Option<&'a OsvDatabase>,
}

fn scan_with_memo(
    document: &Document,
    policy: &Policy,
    extra: &Extra<'_>,
    memo: &mut Memo,
    suppressible: bool,
) -> Vec<Finding> {
    let source = document.slice(0..document.rope().len_bytes()).into_owned();
    // Looking for the blocks that may ask for another policy takes longer than looking for the word.
    let own = source
        .contains(script::PROPERTY)
        .then(|| script_policy(document, policy));
    let policy = own.as_ref().unwrap_or(policy);
    memo.under(policy);
    let cells = document.cells();
    let by_range = cells
        .iter()
        .enumerate()
        .map(|(k, c)| ((c.range.start, c.range.end), k))
        .collect();
    memo.needs = vec![Vec::new(); cells.len()];
    let mut scan = DocumentScan {
        document,
        source: &source,
        policy,
        custom: extra.custom,
        cells,
        by_range,
        out: Vec::new(),
        flow: Flow::default(),
        memo,
    };
    scan.texts(&source);
    scan.run();
    let mut out = scan.out;
    memo.end();
    if let Some(database) = extra.vulnerabilities {
        out.extend(crate::osv::findings(database, &source));
    }
    tidy(&mut out);
    if suppressible {
        policy.apply(&source, out)
    } else {
        policy.apply_unread(&source, out)
    }
}

/// The findings of one cell by itself, with ranges of the document: what an editor asks for after a keystroke.
pub fn scan_cell(document: &Document, cell: &Cell, policy: &Policy) -> Vec<Finding> {
    let source = document.slice(cell.code.clone()).into_owned();
    let request = ScanRequest::new(cell.language.as_str(), &source);
    let mut out = scan_with(&request, policy).0;
    for f in &mut out {
        place(f, cell.code.start, Some(cell.index));
    }
    tidy(&mut out);
    let whole = document.slice(0..document.rope().len_bytes()).into_owned();
    policy.apply(&whole, out)
}

/// What is found in a text that a language model is to read.
pub(crate) fn prompt_finding(range: Range<usize>, text: &str) -> Option<Finding> {
    verdict_finding(range, &text::prompt::judge(text)?)
}

fn verdict_finding(range: Range<usize>, verdict: &text::prompt::Verdict) -> Option<Finding> {
    let mut f = finding("MS-PROMPT-INJECTION", range)?;
    f.message = format!("{} Signs: {}.", f.message, verdict.signs.join(", "));
    f.confidence = if verdict.score >= 16 {
        Confidence::High
    } else {
        Confidence::Medium
    };
    Some(f)
}

/// Whether a finding is about a call that runs what it is given.
fn runs_code(f: &Finding) -> bool {
    matches!(f.rule.category.as_str(), "code" | "command" | "malware")
}

fn place(f: &mut Finding, start: usize, cell: Option<usize>) {
    f.range = f.range.start + start..f.range.end + start;
    if let Some((range, _)) = &mut f.source {
        *range = range.start + start..range.end + start;
    }
    f.cell = cell;
}

struct DocumentScan<'a> {
    document: &'a Document,
    /// The text of the document, in one piece.
    source: &'a str,
    policy: &'a Policy,
    custom: Option<&'a CustomRules>,
    cells: Vec<Cell>,
    by_range: FxHashMap<(usize, usize), usize>,
    out: Vec<Finding>,
    flow: Flow,
    memo: &'a mut Memo,
}

impl DocumentScan<'_> {
    /// Hidden characters and credentials, piece by piece.
    fn texts(&mut self, source: &str) {
        for range in memo::pieces(source) {
            let piece = source.get(range.clone()).unwrap_or_default();
            let found = self.memo.text.get(piece, text::scan::scan_text);
            for mut f in found.iter().cloned() {
                place(&mut f, range.start, None);
                self.out.push(f);
            }
        }
    }

    fn run(&mut self) {
        let mut work: Vec<Item<'_>> = self.document.root().items();
        work.reverse();
        let mut seen = vec![false; self.cells.len()];
        while let Some(item) = work.pop() {
            let range = item.range();
            if let Some(&index) = self.by_range.get(&(range.start, range.end)) {
                if let Some(s) = seen.get_mut(index) {
                    *s = true;
                }
                self.cell(index);
                continue;
            }
            match item {
                Item::Block(block) => {
                    self.block(&block);
                    let mut inner = block.items();
                    inner.reverse();
                    work.extend(inner);
                }
                Item::Prose(prose) => {
                    self.prompt_text(prose.syntax().range(), &prose.syntax().text());
                }
                Item::Paragraph(p) | Item::Text(p) => self.prompt_text(p.range(), &p.text()),
                Item::Property(p) => self.free_property(&p),
                _ => {}
            }
        }
        // Cells inside values and other places that the walk above does not open.
        for index in 0..self.cells.len() {
            if !seen.get(index).copied().unwrap_or(true) {
                self.cell(index);
            }
        }
        for comment in self.document.root().comments() {
            self.prompt_text(comment.range(), &comment.text());
        }
    }

    fn cell(&mut self, index: usize) {
        let Some(cell) = self.cells.get(index).cloned() else {
            return;
        };
        if let Some(raw) = &cell.raw_interpolation {
            self.out
                .extend(finding("MS-RAW-INTERPOLATION", raw.clone()));
        }
        let code = self.source.get(cell.code.clone()).unwrap_or_default();
        self.code(
            cell.language.as_str(),
            code,
            cell.code.start,
            Some(index),
            cell.output_variable.as_ref().map(|(n, _)| n.as_str()),
        );
    }

    /// Whether `${x}` in a piece of code becomes a part of it before it runs. In cells of languages with a runtime it is a
    /// value, unless the cell asks for text.
    fn pastes(&self, language: &str, cell: Option<usize>) -> bool {
        let raw = |cell: &Cell| cell.raw_interpolation.is_some();
        !VALUE_LANGUAGES.contains(&language)
            || cell.is_none_or(|index| self.cells.get(index).is_some_and(raw))
    }

    /// Scans a piece of code that stands at `start`; the variables it leaves behind join the flow.
    fn code(
        &mut self,
        language: &str,
        code: &str,
        start: usize,
        cell: Option<usize>,
        output: Option<&str>,
    ) {
        let bindings = self.flow.bindings();
        let (policy, custom) = (self.policy, self.custom.and_then(|c| c.set(language)));
        let scanned = self.memo.code(language, code, bindings, |bindings| {
            let request = ScanRequest {
                bindings,
                limits: policy.limits,
                ..ScanRequest::new(language, code)
            };
            let (mut found, left) = scan_code(&request, policy, custom.as_slice());
            // What the policy does not report is not kept, unless what flows in can make it another finding.
            found.retain(|f| runs_code(f) || policy.reports_rule(&f.rule.id, f.level));
            (found, left)
        });
        let (found, left) = &*scanned;
        let untrusted = self.flow.has_untrusted();
        for mut f in found.iter().cloned() {
            // A dangerous call that is given a variable of an earlier block whose value others can choose.
            let snippet = code.get(f.range.clone()).unwrap_or_default();
            let given = untrusted
                && runs_code(&f)
                && snippet
                    .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .any(|word| self.flow.taint(word).has(Taint::UNTRUSTED));
            place(&mut f, start, cell);
            if given {
                self.out.extend(finding("MS-MODEL-CODE", f.range.clone()));
            }
            self.out.push(f);
        }
        let pasted = if untrusted && self.pastes(language, cell) {
            flow::interpolations(code)
        } else {
            Vec::new()
        };
        for (name, range) in pasted {
            if self.flow.taint(&name).has(Taint::UNTRUSTED) && language != "text" {
                let at = start + range.start..start + range.end;
                let id = if matches!(language, "bash" | "powershell") {
                    "MS-SHELL-INTERPOLATION"
                } else {
                    "MS-MODEL-CODE"
                };
                self.out.extend(finding(id, at));
            }
        }
        if let Some(place) = cell.and_then(|index| self.memo.needs.get_mut(index)) {
            place.clone_from(&left.needs);
        }
        for (name, taint) in &left.variables {
            self.flow.set(name, *taint);
        }
        if let Some(name) = output {
            self.flow.set(name, left.result);
        }
    }

    fn free_property(&mut self, property: &metascript_syntax::ast::Property<'_>) {
        let key = property.key_text().to_lowercase();
        if matches!(
            key.as_str(),
            "prompt" | "system_prompt" | "instructions" | "system" | "text" | "goal"
        ) && let Some((text, range)) = property.value().as_ref().and_then(Value::plain_text)
        {
            self.prompt_text(range, &text);
        }
    }

    /// Text that a model reads.
    pub(crate) fn prompt_text(&mut self, range: Range<usize>, text: &str) {
        let verdict = self.memo.prompts.get(text, text::prompt::judge);
        self.out.extend(
            verdict
                .as_ref()
                .as_ref()
                .and_then(|v| verdict_finding(range, v)),
        );
    }

    fn block(&mut self, block: &Block<'_>) {
        actions::block(self, block);
    }
}
