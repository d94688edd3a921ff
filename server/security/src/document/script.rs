//! The policy that a script asks for itself: `CONFIG { security_policy: "strict" }`.
//!
//! A script can only ask for more. Otherwise the script that somebody sends would decide how it is looked at.

use metascript_syntax::Document;
use metascript_syntax::ast::Item;

use crate::policy::{Policy, Threshold};

/// The property that names the policy.
pub(super) const PROPERTY: &str = "security_policy";

/// The policy for a script: the given one, with what the script itself asks for on top where that is stricter.
///
/// The property stands in a block at the top of the script (`CONFIG`, `META`, `SECURITY`, `DESCRIBE`) and names a policy
/// that ships with the product; other names change nothing.
pub fn script_policy(document: &Document, policy: &Policy) -> Policy {
    let mut out = policy.clone();
    for item in document.root().items() {
        let Item::Block(block) = item else { continue };
        let keyword = block.keyword_text().to_ascii_uppercase();
        if !matches!(
            keyword.as_str(),
            "CONFIG" | "META" | "SECURITY" | "DESCRIBE"
        ) {
            continue;
        }
        let named = block
            .property(PROPERTY)
            .and_then(|p| p.value())
            .map(|v| {
                v.plain_text()
                    .map_or_else(|| v.syntax().text().into_owned(), |(text, _)| text)
            })
            .and_then(|name| Policy::built_in(name.trim()));
        if let Some(own) = named {
            out = stricter(&out, &own);
        }
    }
    out
}

/// What both policies together report, block and deny.
fn stricter(a: &Policy, b: &Policy) -> Policy {
    let lower = |x: Threshold, y: Threshold| if rank(x) <= rank(y) { x } else { y };
    let mut out = a.clone();
    out.level = a.level.max(b.level);
    out.min_severity = a.min_severity.min(b.min_severity);
    out.min_confidence = a.min_confidence.min(b.min_confidence);
    out.block = lower(a.block, b.block);
    out.fail = lower(a.fail, b.fail);
    for capability in &b.deny_capabilities {
        if !out.deny_capabilities.contains(capability) {
            out.deny_capabilities.push(capability.clone());
        }
    }
    if out != *a {
        out.name = format!("{} with {} of the script", a.name, b.name);
    }
    out
}

fn rank(threshold: Threshold) -> u8 {
    match threshold {
        Threshold::Info => 0,
        Threshold::Low => 1,
        Threshold::Medium => 2,
        Threshold::High => 3,
        Threshold::Critical => 4,
        Threshold::Never => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::DocumentScanner;
    use crate::rule::Level;
    use crate::setup::Setup;

    #[test]
    fn a_script_can_ask_for_more_and_not_for_less() {
        let strict = Document::parse("CONFIG {\n  security_policy: \"strict\"\n}\n");
        let lax = Document::parse("CONFIG {\n  security_policy: \"permissive\"\n}\n");
        let moderate = Policy::default();
        let under = script_policy(&strict, &moderate);
        assert_eq!(
            (under.level, under.block),
            (Level::Strict, Threshold::Medium)
        );
        assert!(under.deny_capabilities.iter().any(|c| c == "network"));
        assert_eq!(script_policy(&lax, &moderate), moderate);
        let unknown = Document::parse("CONFIG {\n  security_policy: \"none\"\n}\n");
        assert_eq!(script_policy(&unknown, &moderate), moderate);
    }

    #[test]
    fn the_scan_of_a_script_heeds_it_also_after_an_edit() {
        let cell = "PYTHON {\nimport socket\nassert ready\n}\n";
        let found = |scanner: &mut DocumentScanner, head: &str| {
            let document = Document::parse(&format!("{head}{cell}"));
            let mut ids: Vec<String> = scanner
                .scan(&document)
                .into_iter()
                .map(|f| f.rule.id.clone())
                .collect();
            ids.dedup();
            ids
        };
        let mut scanner = DocumentScanner::new(std::sync::Arc::new(Setup::default()));
        let head = "CONFIG {\n  security_policy: \"strict\"\n}\n";
        assert!(found(&mut scanner, "").is_empty());
        assert_eq!(found(&mut scanner, head), ["PY-ASSERT"]);
        assert!(found(&mut scanner, "").is_empty());
    }
}
