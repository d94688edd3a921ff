//! SARIF 2.1.0.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{FileFindings, Lines};
use crate::rule::{Rule, Severity};

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale from 0 to 10.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "1.0",
    }
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for b in path.replace('\\', "/").bytes() {
        if b.is_ascii_alphanumeric() || b"-._~/".contains(&b) {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// The findings as a SARIF log.
pub fn sarif(files: &[FileFindings]) -> String {
    let mut rules: BTreeMap<&str, &Rule> = BTreeMap::new();
    for f in files.iter().flat_map(|f| &f.findings) {
        rules.insert(&f.rule.id, &f.rule);
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(k, id)| (*id, k)).collect();
    let descriptors: Vec<Value> = rules
        .values()
        .map(|r| {
            let mut tags: Vec<String> = vec!["security".into(), r.category.clone()];
            tags.extend(r.cwe.iter().map(|c| format!("external/cwe/cwe-{c:03}")));
            if !r.owasp.is_empty() {
                tags.push(format!("owasp-{}", r.owasp.to_lowercase().replace(':', "-")));
            }
            json!({
                "id": r.id,
                "name": r.title,
                "shortDescription": { "text": r.title },
                "fullDescription": { "text": r.why },
                "help": { "text": format!("{} {}", r.why, r.fix), "markdown": format!("{}\n\n**Fix.** {}", r.why, r.fix) },
                "defaultConfiguration": { "level": level(r.severity) },
                "properties": { "tags": tags, "precision": r.confidence.as_str(), "security-severity": score(r.severity) }
            })
        })
        .collect();
    let mut results: Vec<Value> = Vec::new();
    for file in files {
        let lines = Lines::new(&file.text);
        let location = |range: &std::ops::Range<usize>| {
            let p = lines.place(range);
            json!({ "physicalLocation": {
                "artifactLocation": { "uri": uri(&file.path), "uriBaseId": "%SRCROOT%" },
                "region": { "startLine": p.line, "startColumn": p.column, "endLine": p.end_line, "endColumn": p.end_column }
            } })
        };
        for (f, print) in file.findings.iter().zip(file.prints()) {
            let mut result = json!({
                "ruleId": f.rule.id,
                "ruleIndex": index.get(f.rule.id.as_str()),
                "level": level(f.severity),
                "message": { "text": f.message },
                "locations": [location(&f.range)],
                "partialFingerprints": { "metascript/v1": print }
            });
            if let (Some((range, words)), Some(map)) = (&f.source, result.as_object_mut()) {
                let mut from = location(range);
                if let Some(m) = from.as_object_mut() {
                    m.insert("message".into(), json!({ "text": words }));
                }
                map.insert("relatedLocations".into(), json!([from]));
            }
            results.push(result);
        }
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "metascript",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": descriptors
            } },
            "columnKind": "unicodeCodePoints",
            "results": results
        }]
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}
