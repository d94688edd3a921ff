//! Suppressions in comments: `security-ignore: PY-EVAL -- reason`.
//!
//! One counts for its own line, or for the next line when it stands alone. `security-ignore-begin` counts until
//! `security-ignore-end`, `security-ignore-file` for the whole text. Without a reason it does not count.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::path::glob;

struct Suppression {
    ids: Vec<String>,
    range: Range<usize>,
}

/// The suppressions of a text.
pub(crate) struct Suppressions {
    list: Vec<Suppression>,
    bare: Vec<Range<usize>>,
}

impl Suppressions {
    pub(crate) fn read(text: &str) -> Suppressions {
        static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
            Regex::new(r"(?m)(#|//|--|\(\*|/\*|<!--|;|')[ \t]*security-ignore(-begin|-file)?[ \t]*:[ \t]*([A-Za-z0-9*,\- \t]*?)(?:[ \t]+--[ \t]+([^\n]*?\S[^\n]*))?[ \t]*(?:\*\)|\*/|-->)?[ \t]*\r?$").ok()
        });
        let mut out = Suppressions {
            list: Vec::new(),
            bare: Vec::new(),
        };
        if !text.contains("security-ignore") {
            return out;
        }
        let Some(re) = LINE.as_ref() else { return out };
        for c in re.captures_iter(text) {
            let Some(whole) = c.get(0) else { continue };
            let ids: Vec<String> = c
                .get(3)
                .map_or("", |m| m.as_str())
                .split([',', ' ', '\t'])
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect();
            if c.get(4).is_none() || ids.is_empty() {
                out.bare.push(whole.range());
                continue;
            }
            let line_start = text
                .get(..whole.start())
                .and_then(|t| t.rfind('\n'))
                .map_or(0, |n| n + 1);
            let alone = text
                .get(line_start..whole.start())
                .is_some_and(|t| t.trim().is_empty());
            let line_end = |from: usize| {
                text.get(from..)
                    .and_then(|t| t.find('\n'))
                    .map_or(text.len(), |n| from + n)
            };
            let range = match c.get(2).map(|m| m.as_str()) {
                Some("-file") => 0..text.len() + 1,
                Some("-begin") => {
                    let end = text
                        .get(whole.end()..)
                        .and_then(|t| t.find("security-ignore-end"))
                        .map_or(text.len(), |n| whole.end() + n);
                    line_start..end
                }
                _ if alone => line_start..line_end((whole.end() + 1).min(text.len())) + 1,
                _ => line_start..line_end(whole.end()) + 1,
            };
            out.list.push(Suppression { ids, range });
        }
        out
    }

    pub(crate) fn covers(&self, rule: &str, at: usize) -> bool {
        self.list
            .iter()
            .any(|s| s.range.contains(&at) && s.ids.iter().any(|id| glob(id, rule)))
    }

    pub(crate) fn without_reason(&self) -> Vec<Range<usize>> {
        self.bare.clone()
    }
}

/// The comment that suppresses a finding, ready to be put on a line of its own before it.
pub fn suppression_comment(language: &str, rule: &str, reason: &str) -> String {
    let text = format!("security-ignore: {rule} -- {}", reason.replace('\n', " "));
    match language {
        "python" | "bash" | "powershell" | "yaml" | "metascript" => format!("# {text}"),
        "sql" => format!("-- {text}"),
        _ => format!("// {text}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppression_needs_a_reason_and_has_a_reach() {
        let text = "eval(a)  # security-ignore: PY-EVAL -- a constant\n# security-ignore: PY-* -- checked above\neval(b)\neval(c)\neval(d)  # security-ignore: PY-EVAL\n";
        let s = Suppressions::read(text);
        let at = |needle: &str| text.find(needle).unwrap_or(0);
        assert!(s.covers("PY-EVAL", at("eval(a)")) && s.covers("PY-EVAL", at("eval(b)")));
        assert!(!s.covers("PY-EVAL", at("eval(c)")) && !s.covers("PY-EVAL", at("eval(d)")));
        assert_eq!(s.without_reason().len(), 1);
        let block = "// security-ignore-begin: JS-EVAL -- generated\neval(a)\n// security-ignore-end\neval(b)";
        let s = Suppressions::read(block);
        assert!(
            s.covers("JS-EVAL", block.find("eval(a)").unwrap_or(0))
                && !s.covers("JS-EVAL", block.find("eval(b)").unwrap_or(0))
        );
    }
}
