//! Finds what is dangerous in code, in every language that a metascript embeds.
//!
//! [`scan()`] looks at one piece of code, [`scan_document`] at a metascript; [`Policy`] says what counts; [`RuleInfo`] says what a finding means. Nothing here prints, and
//! nothing knows of editors.

/// The data of a rule file that ships with the product, as JSON.
macro_rules! built_in {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $name, ".json"))
    };
}

mod ast;
mod baseline;
mod capability;
mod checks;
mod custom;
mod document;
mod engine;
mod explain;
pub mod fix;
mod lang;
mod lazy_regex;
mod matcher;
mod needs;
pub mod osv;
mod path;
mod policy;
pub mod render;
mod rule;
mod ruleset;
mod scan;
mod setup;
mod suppress;
mod text;
mod value;

pub use ast::Limits;
pub use baseline::{Baseline, Trend, fingerprints};
pub use capability::Capability;
pub use custom::CustomRules;
pub use document::{DocumentScanner, scan_cell, scan_document, script_policy};
pub use explain::{all_rules, explain, index, page};
pub use lang::LANGUAGES;
pub use path::glob as matches;
pub use policy::{LayerLimits, POLICIES, POLICY_SCHEMA, Policy, PolicyLayer, Setting, Threshold};
pub use rule::{Confidence, Level, Rule, RuleInfo, Severity};
pub use scan::{Finding, ScanRequest, rules, scan, scan_under};
pub use setup::{Setup, policy_named};
pub use suppress::suppression_comment;
pub use value::Taint;

/// Faults in the rules that ship with the product; empty unless somebody broke them.
#[doc(hidden)]
pub fn built_in_rule_faults() -> Vec<String> {
    LANGUAGES
        .iter()
        .filter_map(|l| {
            ruleset::RuleSet::compile(ruleset::BUILT_IN, l, false)
                .and_then(|set| set.fault().map_or(Ok(()), Err))
                .err()
                .map(|e| format!("{l}: {e}"))
        })
        .collect()
}
