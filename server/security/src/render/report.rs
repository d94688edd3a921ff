//! Reports for people: Markdown and one self-contained HTML page.

use std::collections::BTreeMap;

use super::controls::frameworks;
use super::{FileFindings, Lines};
use crate::baseline::Trend;
use crate::rule::Severity;
use crate::scan::Finding;

struct Table {
    title: String,
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

fn count_by<K: Ord>(
    files: &[FileFindings],
    key: impl Fn(&Finding) -> Vec<K>,
) -> BTreeMap<K, usize> {
    let mut out = BTreeMap::new();
    for f in files.iter().flat_map(|f| &f.findings) {
        for k in key(f) {
            *out.entry(k).or_insert(0) += 1;
        }
    }
    out
}

fn tables(files: &[FileFindings]) -> Vec<Table> {
    let severities = count_by(files, |f| vec![std::cmp::Reverse(f.severity)]);
    let rules = count_by(files, |f| vec![(f.rule.id.clone(), f.rule.title.clone())]);
    let cwes = count_by(files, |f| f.rule.cwe.clone());
    let owasp = count_by(files, |f| vec![f.rule.owasp.clone()]);
    let mut out = vec![
        Table {
            title: "By severity".into(),
            head: vec!["Severity", "Findings"],
            rows: severities
                .into_iter()
                .map(|(s, n)| vec![s.0.to_string(), n.to_string()])
                .collect(),
        },
        Table {
            title: "By rule".into(),
            head: vec!["Rule", "Title", "Findings"],
            rows: rules
                .into_iter()
                .map(|((id, title), n)| vec![id, title, n.to_string()])
                .collect(),
        },
        Table {
            title: "By weakness".into(),
            head: vec!["CWE", "Findings"],
            rows: cwes
                .into_iter()
                .map(|(c, n)| vec![format!("CWE-{c}"), n.to_string()])
                .collect(),
        },
        Table {
            title: "By OWASP category".into(),
            head: vec!["OWASP", "Findings"],
            rows: owasp
                .into_iter()
                .filter(|(o, _)| !o.is_empty())
                .map(|(o, n)| vec![o, n.to_string()])
                .collect(),
        },
    ];
    for framework in frameworks() {
        let rows = framework
            .controls
            .iter()
            .map(|c| {
                let n = files
                    .iter()
                    .flat_map(|f| &f.findings)
                    .filter(|f| c.categories.contains(&f.rule.category))
                    .count();
                vec![c.id.clone(), c.title.clone(), n.to_string()]
            })
            .collect();
        out.push(Table {
            title: format!("Controls of {}", framework.name),
            head: vec!["Control", "Title", "Findings"],
            rows,
        });
    }
    let mut rows = Vec::new();
    for file in files {
        let lines = Lines::new(&file.text);
        for f in &file.findings {
            let p = lines.place(&f.range);
            rows.push(vec![
                format!("{}:{}", file.path, p.line),
                f.severity.to_string(),
                f.rule.id.clone(),
                f.message.clone(),
                f.rule.fix.clone(),
            ]);
        }
    }
    out.push(Table {
        title: "Findings".into(),
        head: vec!["Place", "Severity", "Rule", "What", "Fix"],
        rows,
    });
    out
}

fn summary(files: &[FileFindings], trend: Option<&Trend>) -> String {
    let n: usize = files.iter().map(|f| f.findings.len()).sum();
    let worst = files
        .iter()
        .flat_map(|f| &f.findings)
        .map(|f| f.severity)
        .max()
        .unwrap_or(Severity::Info);
    let mut out = if n == 0 {
        format!("{} files, no findings.", files.len())
    } else {
        format!("{} files, {n} findings, the worst is {worst}.", files.len())
    };
    if let Some(t) = trend {
        out.push_str(&format!(
            " Against the baseline: {} new, {} known, {} fixed.",
            t.new, t.known, t.fixed
        ));
    }
    out
}

/// The report as Markdown.
pub fn markdown(files: &[FileFindings], trend: Option<&Trend>) -> String {
    let cell = |t: &str| {
        t.replace('|', "\\|")
            .replace('\n', " ")
            .replace('<', "&lt;")
    };
    let mut out = format!("# Security report\n\n{}\n", summary(files, trend));
    for t in tables(files).into_iter().filter(|t| !t.rows.is_empty()) {
        out.push_str(&format!(
            "\n## {}\n\n| {} |\n|{}\n",
            t.title,
            t.head.join(" | "),
            " --- |".repeat(t.head.len())
        ));
        for row in t.rows {
            let cells: Vec<String> = row.iter().map(|c| cell(c)).collect();
            out.push_str(&format!("| {} |\n", cells.join(" | ")));
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// The report as one HTML page without scripts.
pub fn html(files: &[FileFindings], trend: Option<&Trend>) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Security report</title>\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<style>body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}td,th{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#f2f2f2}@media(prefers-color-scheme:dark){body{background:#161616;color:#e8e8e8}th{background:#262626}td,th{border-color:#444}}</style></head><body>\n<h1>Security report</h1>\n",
    );
    out.push_str(&format!("<p>{}</p>\n", escape(&summary(files, trend))));
    for t in tables(files).into_iter().filter(|t| !t.rows.is_empty()) {
        let head: String = t
            .head
            .iter()
            .map(|h| format!("<th scope=\"col\">{h}</th>"))
            .collect();
        out.push_str(&format!(
            "<h2>{}</h2>\n<table><thead><tr>{head}</tr></thead><tbody>\n",
            escape(&t.title)
        ));
        for row in t.rows {
            let cells: String = row
                .iter()
                .map(|c| format!("<td>{}</td>", escape(c)))
                .collect();
            out.push_str(&format!("<tr>{cells}</tr>\n"));
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</body></html>\n");
    out
}
