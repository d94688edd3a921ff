//! The page of a rule: what `explain` prints and what stands in `docs/rules`.

use crate::rule::{Rule, RuleInfo};

/// Every rule of every language, each once, ordered by id.
pub fn all_rules() -> Vec<Rule> {
    let mut out: Vec<Rule> = crate::LANGUAGES
        .iter()
        .chain(&["text", "metascript"])
        .flat_map(|l| crate::rules(l))
        .cloned()
        .collect();
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out.dedup_by(|a, b| a.id == b.id);
    out
}

/// The page of the rule with this id, in Markdown.
pub fn explain(id: &str) -> Option<String> {
    let home = match id.split('-').next()?.to_ascii_uppercase().as_str() {
        "PY" => "python",
        "JS" => "javascript",
        "CS" => "csharp",
        "FS" => "fsharp",
        "RS" => "rust",
        "SH" => "bash",
        "PS" => "powershell",
        "SQL" => "sql",
        "MS" => "metascript",
        "SEC" => "text",
        _ => return None,
    };
    crate::rules(home)
        .iter()
        .find(|r| r.id.eq_ignore_ascii_case(id))
        .map(|r| page(r))
}

/// The page of a rule, in Markdown.
pub fn page(rule: &RuleInfo) -> String {
    let mut out = format!(
        "# {}: {}\n\n{}\n\n{}\n\n**Fix.** {}\n\n",
        rule.id, rule.title, rule.message, rule.why, rule.fix
    );
    let language = rule.languages.first().map_or("text", String::as_str);
    let fence = match language {
        "metascript" | "text" => "",
        other => other,
    };
    let bad = match rule.bad.trim().strip_prefix('@') {
        Some(name) => format!("(a {name})\n"),
        None => rule.bad.clone(),
    };
    out.push_str(&format!(
        "## Dangerous\n\n```{fence}\n{}\n```\n\n## Better\n\n```{fence}\n{}\n```\n\n",
        bad.trim_end(),
        rule.good.trim_end()
    ));
    let cwe: Vec<String> = rule
        .cwe
        .iter()
        .map(|c| format!("[CWE-{c}](https://cwe.mitre.org/data/definitions/{c}.html)"))
        .collect();
    out.push_str("| | |\n| --- | --- |\n");
    out.push_str(&format!("| Languages | {} |\n", rule.languages.join(", ")));
    out.push_str(&format!(
        "| Severity | {} |\n| Confidence | {} |\n",
        rule.severity, rule.confidence
    ));
    out.push_str(&format!("| Reported from | `{}` on |\n", rule.level));
    out.push_str(&format!("| Category | {} |\n", rule.category));
    if !cwe.is_empty() {
        out.push_str(&format!("| Weakness | {} |\n", cwe.join(", ")));
    }
    if !rule.owasp.is_empty() {
        out.push_str(&format!("| OWASP | {} |\n", rule.owasp));
    }
    if !rule.aliases.is_empty() {
        out.push_str(&format!(
            "| Also known as | {} |\n",
            rule.aliases.join(", ")
        ));
    }
    out
}

/// The table of all rules, in Markdown.
pub fn index() -> String {
    let mut out = String::from(
        "# Security rules\n\nEvery rule of the scanner, one page each in [`rules/`](rules). `metascript explain ID` shows a page in the terminal.\nThis page and the pages of the rules are made from the rule data; a test keeps them equal.\n\nA rule is reported by the policy in its last column and by every stricter one: permissive, moderate (the default), strict.\n\n## Suppress a finding\n\nWrite a comment with the rule and a reason on the line, or on a line of its own before it:\n\n```python\nvalue = eval(text)  # security-ignore: PY-EVAL -- the text is a constant of this file\n```\n\n`security-ignore-begin` counts until `security-ignore-end`, `security-ignore-file` for the whole text. Without a reason\nthe finding stays.\n\n## Rules\n\n| Rule | What it finds | Severity | From |\n| --- | --- | --- | --- |\n",
    );
    for r in all_rules() {
        out.push_str(&format!(
            "| [{}](rules/{}.md) | {} | {} | {} |\n",
            r.id, r.id, r.title, r.severity, r.level
        ));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_found_by_its_id() {
        for rule in all_rules() {
            assert!(
                explain(&rule.id.to_ascii_lowercase()).is_some(),
                "{}",
                rule.id
            );
        }
        assert_eq!(explain("PY-NOTHING"), None);
        assert_eq!(explain("XX-EVAL"), None);
    }
}
