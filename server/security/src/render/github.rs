//! Annotations for GitHub Actions.

use super::{FileFindings, Lines};
use crate::rule::Severity;

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// One workflow command per finding.
pub fn github(files: &[FileFindings]) -> String {
    let mut out = String::new();
    for file in files {
        let lines = Lines::new(&file.text);
        for f in &file.findings {
            let p = lines.place(&f.range);
            let command = match f.severity {
                Severity::Critical | Severity::High => "error",
                Severity::Medium => "warning",
                Severity::Low | Severity::Info => "notice",
            };
            let column = if p.line == p.end_line {
                format!(",col={},endColumn={}", p.column, p.end_column)
            } else {
                String::new()
            };
            out.push_str(&format!(
                "::{command} file={},line={},endLine={}{column},title={}::{}\n",
                property(&file.path),
                p.line,
                p.end_line,
                property(&format!("{} {}", f.rule.id, f.rule.title)),
                data(&f.message)
            ));
        }
    }
    out
}
