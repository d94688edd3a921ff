//! JSON: one object, everything that is known.

use serde::Serialize;

use super::{FileFindings, Lines};
use crate::scan::Finding;

/// A file that could not be scanned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScanError {
    /// Its path.
    pub path: String,
    /// Why.
    pub message: String,
}

#[derive(Serialize)]
struct Report<'f> {
    version: u8,
    files: usize,
    findings: Vec<Entry<'f>>,
    errors: &'f [ScanError],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'f> {
    rule: &'f str,
    title: &'f str,
    message: &'f str,
    severity: &'static str,
    confidence: &'static str,
    category: &'f str,
    cwe: &'f [u16],
    owasp: &'f str,
    path: &'f str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    cell: Option<usize>,
    source: Option<Source<'f>>,
    fix: &'f str,
    page: String,
    fingerprint: String,
}

/// Where the data came in.
#[derive(Serialize)]
struct Source<'f> {
    line: usize,
    what: &'f str,
}

/// The findings as JSON.
pub fn json(files: &[FileFindings], errors: &[ScanError]) -> String {
    let findings = files.iter().flat_map(|file| {
        let lines = Lines::new(&file.text);
        let prints = file.prints();
        file.findings
            .iter()
            .zip(prints)
            .map(move |(finding, print)| entry(&file.path, finding, &lines, print))
    });
    let report = Report {
        version: 1,
        files: files.len(),
        findings: findings.collect(),
        errors,
    };
    serde_json::to_string_pretty(&report).unwrap_or_default() + "\n"
}

fn entry<'f>(path: &'f str, finding: &'f Finding, lines: &Lines<'_>, print: String) -> Entry<'f> {
    let rule = &finding.rule;
    let place = lines.place(&finding.range);
    let source = finding.source.as_ref().map(|(range, words)| Source {
        line: lines.place(range).line,
        what: words,
    });
    Entry {
        rule: &rule.id,
        title: &rule.title,
        message: &finding.message,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        category: &rule.category,
        cwe: &rule.cwe,
        owasp: &rule.owasp,
        path,
        line: place.line,
        column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
        cell: finding.cell,
        source,
        fix: &rule.fix,
        page: rule.page(),
        fingerprint: print,
    }
}
