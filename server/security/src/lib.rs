//! Finds what is dangerous in code, in every language that a metascript embeds.
//!
//! [`scan()`] looks at one piece of code; [`RuleInfo`] says what a finding means. Nothing here prints, and
//! nothing knows of editors.

mod ast;
mod checks;
mod engine;
mod lang;
mod matcher;
mod path;
mod rule;
mod ruleset;
mod scan;
mod text;
mod value;

pub use ast::Limits;
pub use lang::LANGUAGES;
pub use rule::{Confidence, Level, Rule, RuleInfo, Severity};
pub use scan::{Finding, ScanRequest, rules, scan};
pub use value::Taint;

/// Faults in the rules that ship with the product; empty unless somebody broke them.
#[doc(hidden)]
pub fn built_in_rule_faults() -> Vec<String> {
    LANGUAGES
        .iter()
        .filter_map(|l| {
            ruleset::RuleSet::compile(ruleset::BUILT_IN, l, false)
                .err()
                .map(|e| format!("{l}: {e}"))
        })
        .collect()
}
