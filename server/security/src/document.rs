//! Scanning a metascript: its cells, the code in its strings, the blocks themselves, and what flows between them.

mod actions;
mod flow;

use std::ops::Range;
use std::sync::LazyLock;

use metascript_syntax::ast::{Block, Item, Value};
use metascript_syntax::{Cell, Document};

use crate::policy::Policy;
use crate::rule::{Confidence, Rule};
use crate::ruleset::RuleSet;
use crate::scan::{Finding, ScanRequest, scan_code, scan_with, tidy};
use crate::text;
use crate::value::Taint;
use flow::Flow;

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
    let source = document.slice(0..document.rope().len_bytes()).into_owned();
    let mut scan = DocumentScan {
        document,
        policy,
        cells: document.cells(),
        out: text::scan::scan_text(&source),
        flow: Flow::default(),
    };
    scan.run();
    let mut out = scan.out;
    tidy(&mut out);
    policy.apply(&source, out)
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

fn place(f: &mut Finding, start: usize, cell: Option<usize>) {
    f.range = f.range.start + start..f.range.end + start;
    if let Some((range, _)) = &mut f.source {
        *range = range.start + start..range.end + start;
    }
    f.cell = cell;
}

struct DocumentScan<'a> {
    document: &'a Document,
    policy: &'a Policy,
    cells: Vec<Cell>,
    out: Vec<Finding>,
    flow: Flow,
}

impl DocumentScan<'_> {
    fn run(&mut self) {
        let mut work: Vec<Item<'_>> = self.document.root().items();
        work.reverse();
        let mut seen = vec![false; self.cells.len()];
        while let Some(item) = work.pop() {
            let range = item.range();
            if let Some(index) = self.cells.iter().position(|c| c.range == range) {
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
                    self.prompt_text(prose.syntax().range(), &prose.syntax().text())
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
        let code = self.document.slice(cell.code.clone()).into_owned();
        self.code(
            cell.language.as_str(),
            &code,
            cell.code.start,
            Some(index),
            cell.output_variable.as_ref().map(|(n, _)| n.as_str()),
        );
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
        let request = ScanRequest {
            bindings: &bindings,
            ..ScanRequest::new(language, code)
        };
        let (found, left) = scan_code(&request, self.policy, &[]);
        for mut f in found {
            // A dangerous call that is given a variable of an earlier block whose value others can choose.
            let snippet = code.get(f.range.clone()).unwrap_or_default();
            let given = snippet
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .any(|word| self.flow.taint(word).has(Taint::UNTRUSTED));
            place(&mut f, start, cell);
            if given && matches!(f.rule.category.as_str(), "code" | "command" | "malware") {
                self.out.extend(finding("MS-MODEL-CODE", f.range.clone()));
            }
            self.out.push(f);
        }
        // `${x}` is pasted into the code before it runs.
        for (name, range) in flow::interpolations(code) {
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
        for (name, taint) in left.variables {
            self.flow.set(&name, taint);
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
        ) {
            if let Some((text, range)) = property.value().as_ref().and_then(Value::plain_text) {
                self.prompt_text(range, &text);
            }
        }
    }

    /// Text that a model reads.
    pub(crate) fn prompt_text(&mut self, range: Range<usize>, text: &str) {
        if let Some(verdict) = text::prompt::judge(text) {
            if let Some(mut f) = finding("MS-PROMPT-INJECTION", range) {
                f.message = format!("{} Signs: {}.", f.message, verdict.signs.join(", "));
                f.confidence = if verdict.score >= 16 {
                    Confidence::High
                } else {
                    Confidence::Medium
                };
                self.out.push(f);
            }
        }
    }

    fn block(&mut self, block: &Block<'_>) {
        actions::block(self, block);
    }
}
