//! JSON: one object, everything that is known.

use serde_json::{Value, json};

use super::{FileFindings, Lines};

/// A file that could not be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanError {
    /// Its path.
    pub path: String,
    /// Why.
    pub message: String,
}

/// The findings as JSON.
pub fn json(files: &[FileFindings], errors: &[ScanError]) -> String {
    let mut findings: Vec<Value> = Vec::new();
    for file in files {
        let lines = Lines::new(&file.text);
        for (f, print) in file.findings.iter().zip(file.prints()) {
            let p = lines.place(&f.range);
            findings.push(json!({
                "rule": f.rule.id,
                "title": f.rule.title,
                "message": f.message,
                "severity": f.severity.as_str(),
                "confidence": f.confidence.as_str(),
                "category": f.rule.category,
                "cwe": f.rule.cwe,
                "owasp": f.rule.owasp,
                "path": file.path,
                "line": p.line,
                "column": p.column,
                "endLine": p.end_line,
                "endColumn": p.end_column,
                "cell": f.cell,
                "source": f.source.as_ref().map(|(r, words)| json!({ "line": lines.place(r).line, "what": words })),
                "fix": f.rule.fix,
                "page": f.rule.page(),
                "fingerprint": print,
            }));
        }
    }
    let errors: Vec<Value> = errors
        .iter()
        .map(|e| json!({ "path": e.path, "message": e.message }))
        .collect();
    let value =
        json!({ "version": 1, "files": files.len(), "findings": findings, "errors": errors });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}
