//! Fixes that machines can apply. Each is tried before it is offered: the code must parse as well as before, and the
//! finding must be gone.

mod calls;
mod pieces;

use std::ops::Range;
use std::sync::LazyLock;

use metascript_syntax::Document;
use regex::Regex;
use serde::Deserialize;

use crate::ast::{Ast, Limits};
use crate::lang;
use crate::scan::{Finding, ScanRequest, scan};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFix {
    rule: String,
    title: String,
    find: String,
    replace: String,
    #[serde(default)]
    import: Option<String>,
}

/// Edits that remove a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in a few words.
    pub title: String,
    /// Byte ranges of the code and their new text, in order, not overlapping.
    pub edits: Vec<(Range<usize>, String)>,
}

static FIXES: LazyLock<Vec<(RawFix, Regex)>> = LazyLock::new(|| {
    let raw: Vec<RawFix> = serde_json::from_str(built_in!("fixes")).unwrap_or_default();
    raw.into_iter()
        .filter_map(|f| Regex::new(&f.find).ok().map(|r| (f, r)))
        .collect()
});

/// The code with the edits of a fix.
pub fn apply(code: &str, fix: &Fix) -> String {
    let mut out = String::with_capacity(code.len() + 32);
    let mut at = 0;
    for (range, text) in &fix.edits {
        out.push_str(code.get(at..range.start).unwrap_or_default());
        out.push_str(text);
        at = range.end;
    }
    out.push_str(code.get(at..).unwrap_or_default());
    out
}

/// The fixes of a finding in a piece of code, each proved by parsing and scanning again.
pub fn fixes(language: &str, code: &str, finding: &Finding) -> Vec<Fix> {
    let mut out: Vec<Fix> = Vec::new();
    if finding.rule.category == "unicode" && finding.rule.id != "SEC-HOMOGLYPH" {
        out.push(Fix {
            title: "Remove the hidden characters".into(),
            edits: vec![(finding.range.clone(), String::new())],
        });
    }
    if let Some(ast) = lang::find(language).and_then(|l| Ast::parse(code, l, &Limits::default())) {
        out.extend(calls::candidates(&ast, &finding.rule.id, &finding.range));
    }
    let start = code
        .get(..finding.range.start)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |n| n + 1);
    let end = code
        .get(finding.range.end..)
        .and_then(|t| t.find('\n'))
        .map_or(code.len(), |n| finding.range.end + n);
    let lines = code.get(start..end).unwrap_or_default();
    for (raw, re) in FIXES.iter().filter(|(f, _)| f.rule == finding.rule.id) {
        let offset = finding.range.start - start;
        let found = re.captures_iter(lines).find(|c| {
            c.get(0).is_some_and(|m| {
                m.end() > offset && m.start() <= offset.max(finding.range.end - start)
            })
        });
        let Some(c) = found else { continue };
        let Some(m) = c.get(0) else { continue };
        let mut text = String::new();
        c.expand(&raw.replace, &mut text);
        let mut edits = vec![(start + m.start()..start + m.end(), text)];
        if let Some(import) = raw
            .import
            .as_ref()
            .filter(|i| !code.lines().any(|l| l.trim() == i.as_str()))
        {
            let at = import_place(code);
            edits.insert(0, (at..at, format!("{import}\n")));
        }
        out.push(Fix {
            title: raw.title.clone(),
            edits,
        });
    }
    out.retain(|fix| proved(language, code, finding, fix));
    out.dedup_by(|a, b| a.title == b.title);
    out
}

/// The fixes of a finding of a metascript, with edits of the document.
pub fn document_fixes(document: &Document, finding: &Finding) -> Vec<Fix> {
    let cell = finding
        .cell
        .and_then(|k| document.cells().into_iter().nth(k))
        .filter(|c| c.code.start <= finding.range.start && finding.range.end <= c.code.end);
    let (language, start, text) = match &cell {
        Some(c) => (
            c.language.as_str(),
            c.code.start,
            document.slice(c.code.clone()),
        ),
        None => (
            "metascript",
            0,
            document.slice(0..document.rope().len_bytes()),
        ),
    };
    let mut here = finding.clone();
    here.range = finding.range.start - start..finding.range.end - start;
    let mut out = fixes(language, &text, &here);
    for (range, _) in out.iter_mut().flat_map(|f| f.edits.iter_mut()) {
        *range = range.start + start..range.end + start;
    }
    out
}

/// The edit that suppresses a finding of a metascript: a comment before its line. The reason is for the user to write.
pub fn suppression(document: &Document, finding: &Finding, reason: &str) -> Fix {
    let text = document.slice(0..document.rope().len_bytes());
    let language = finding
        .cell
        .and_then(|k| document.cells().into_iter().nth(k))
        .map_or("metascript".to_owned(), |c| c.language.as_str().to_owned());
    let start = text
        .get(..finding.range.start)
        .and_then(|t| t.rfind('\n'))
        .map_or(0, |n| n + 1);
    let indent: String = text
        .get(start..)
        .unwrap_or_default()
        .chars()
        .take_while(|c| matches!(c, ' ' | '\t'))
        .collect();
    let comment = crate::suppress::suppression_comment(&language, &finding.rule.id, reason);
    Fix {
        title: format!("Suppress {} here, with a reason", finding.rule.id),
        edits: vec![(start..start, format!("{indent}{comment}\n"))],
    }
}

/// After the shebang, comments and the docstring of one line.
fn import_place(code: &str) -> usize {
    let mut at = 0;
    for line in code.split_inclusive('\n') {
        let t = line.trim();
        let doc = t.len() > 6 && t.starts_with("\"\"\"") && t.ends_with("\"\"\"");
        if t.starts_with('#') || doc || t.starts_with("from __future__") {
            at += line.len();
        } else {
            break;
        }
    }
    at
}

fn faults(language: &str, code: &str) -> usize {
    let Some(ast) = lang::find(language).and_then(|l| Ast::parse(code, l, &Limits::default()))
    else {
        return 0;
    };
    (0..ast.len())
        .filter(|i| ast.kind(*i) == crate::ast::Kind::Error)
        .count()
}

fn proved(language: &str, code: &str, finding: &Finding, fix: &Fix) -> bool {
    let fixed = apply(code, fix);
    if fixed == code || faults(language, &fixed) > faults(language, code) {
        return false;
    }
    let count = |text: &str| {
        scan(&ScanRequest::new(language, text))
            .iter()
            .filter(|f| f.rule.id == finding.rule.id)
            .count()
    };
    let worse = |text: &str| {
        scan(&ScanRequest::new(language, text))
            .iter()
            .filter(|f| f.severity >= crate::Severity::High && f.level <= crate::Level::Moderate)
            .count()
    };
    count(&fixed) < count(code) && worse(&fixed) <= worse(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_read_like_this() {
        let cases = [
            (
                "python",
                "import yaml\nyaml.load(text, Loader=yaml.Loader)\n",
                "PY-YAML-LOAD",
                "import yaml\nyaml.safe_load(text)\n",
            ),
            (
                "python",
                "import subprocess\nsubprocess.run(\"ls \" + d, shell=True)\n",
                "PY-SHELL",
                "import subprocess\nsubprocess.run([\"ls\", d])\n",
            ),
            (
                "python",
                "def f(c, n):\n    c.execute(\"SELECT * FROM t WHERE n = '\" + n + \"'\")\n",
                "PY-SQL-INJECTION",
                "def f(c, n):\n    c.execute(\"SELECT * FROM t WHERE n = ?\", (n,))\n",
            ),
            (
                "python",
                "x = eval(text)\n",
                "PY-EVAL",
                "import ast\nx = ast.literal_eval(text)\n",
            ),
            (
                "javascript",
                "el.innerHTML = '<b>' + location.hash;\n",
                "JS-DOM-XSS",
                "el.textContent = '<b>' + location.hash;\n",
            ),
            (
                "fsharp",
                "let h = MD5.Create()\n",
                "FS-WEAK-HASH",
                "let h = SHA256.Create()\n",
            ),
            (
                "bash",
                "curl -k https://example.com\n",
                "SH-NO-CERT-CHECK",
                "curl https://example.com\n",
            ),
            ("python", "a = \"x\u{202e}y\"\n", "SEC-BIDI", "a = \"xy\"\n"),
            (
                "python",
                "import yaml\nd = yaml.load(open(name, \"r\").read(), Loader=yaml.Loader)\n",
                "PY-YAML-LOAD",
                "import yaml\nd = yaml.safe_load(open(name, \"r\").read())\n",
            ),
            (
                "python",
                "import subprocess\ndef f(a, b):\n    subprocess.run(f\"tar -czf {a}.tgz {b}\", shell=True, check=True)\n",
                "PY-SHELL",
                "import subprocess\ndef f(a, b):\n    subprocess.run([\"tar\", \"-czf\", f\"{a}.tgz\", b], check=True)\n",
            ),
            (
                "python",
                "import os\ndef f(d):\n    os.system(\"ls -l {}\".format(d))\n",
                "PY-OS-SYSTEM",
                "import subprocess\nimport os\ndef f(d):\n    subprocess.run([\"ls\", \"-l\", d])\n",
            ),
            (
                "python",
                "import psycopg2\ndef f(c, n, a):\n    q = f\"SELECT * FROM t WHERE n = '{n}' AND a > {a}\"\n    c.execute(q)\n",
                "PY-SQL-INJECTION",
                "import psycopg2\ndef f(c, n, a):\n    q = \"SELECT * FROM t WHERE n = %s AND a > %s\"\n    c.execute(q, (n, a))\n",
            ),
            (
                "python",
                "def f(c, n, a):\n    c.execute(\"INSERT INTO t (n, a) VALUES ('%s', %s)\" % (n, a))\n",
                "PY-SQL-INJECTION",
                "def f(c, n, a):\n    c.execute(\"INSERT INTO t (n, a) VALUES (?, ?)\", (n, a))\n",
            ),
            (
                "javascript",
                "app.get('/', (req, res) => db.query(`SELECT * FROM t WHERE id = ${req.query.id}`, done));\n",
                "JS-SQL-INJECTION",
                "app.get('/', (req, res) => db.query('SELECT * FROM t WHERE id = ?', [req.query.id], done));\n",
            ),
            (
                "javascript",
                "const { exec } = require('child_process');\nfunction f(d) { exec('ls ' + d, done); }\n",
                "JS-CHILD-PROCESS",
                "const { exec, execFile } = require('child_process');\nfunction f(d) { execFile('ls', [d], done); }\n",
            ),
            (
                "python",
                "import requests\nrequests.get(\"https://x.org/\" + str(len(a)))\n",
                "PY-REQUEST-TIMEOUT",
                "import requests\nrequests.get(\"https://x.org/\" + str(len(a)), timeout=10)\n",
            ),
            (
                "python",
                "import random\ntoken = random.randint(0, max(1, 2))\n",
                "PY-RANDOM-SECRET",
                "import secrets\nimport random\ntoken = secrets.token_hex(16)\n",
            ),
        ];
        for (language, code, rule, expected) in cases {
            let findings = scan(&ScanRequest::new(language, code));
            let finding = findings
                .iter()
                .find(|f| f.rule.id == rule)
                .unwrap_or_else(|| panic!("{rule} in {code}: {findings:?}"));
            let all = fixes(language, code, finding);
            let first = all.first().unwrap_or_else(|| panic!("no fix for {rule}"));
            assert_eq!(apply(code, first), expected);
        }
    }

    #[test]
    fn what_cannot_be_fixed_so_is_left() {
        let cases = [
            // A table's name is no value.
            (
                "python",
                "def f(c, t):\n    c.execute(f\"DELETE FROM {t}\")\n",
                "PY-SQL-INJECTION",
            ),
            // The shell has to read this.
            (
                "python",
                "import subprocess\ndef f(d):\n    subprocess.run(\"ls \" + d + \" | wc\", shell=True)\n",
                "PY-SHELL",
            ),
            // The text is used twice.
            (
                "python",
                "def f(c, n):\n    q = \"SELECT a FROM t WHERE n = '\" + n + \"'\"\n    print(q)\n    c.execute(q)\n",
                "PY-SQL-INJECTION",
            ),
        ];
        for (language, code, rule) in cases {
            let findings = scan(&ScanRequest::new(language, code));
            let finding = findings.iter().find(|f| f.rule.id == rule).unwrap();
            assert_eq!(fixes(language, code, finding), [], "{code}");
        }
    }

    #[test]
    fn every_fix_belongs_to_a_rule() {
        let raw: Vec<RawFix> = serde_json::from_str(built_in!("fixes")).unwrap();
        assert_eq!(raw.len(), FIXES.len(), "a pattern does not compile");
        for f in &raw {
            assert!(
                crate::LANGUAGES
                    .iter()
                    .any(|l| crate::rules(l).iter().any(|r| r.id == f.rule)),
                "{}",
                f.rule
            );
        }
    }
}
