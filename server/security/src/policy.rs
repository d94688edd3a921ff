//! Policies: which rules count, how much, and what they block. Policies are data, in layers.

mod layer;

use rustc_hash::FxHashMap;

use crate::ast::Limits;
use crate::path::glob;
use crate::rule::{Confidence, Level, Severity};
use crate::scan::Finding;
use crate::suppress::Suppressions;
pub use layer::{LayerLimits, PolicyLayer, Setting, Threshold};

/// A complete policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// Which built-in rules are reported.
    pub level: Level,
    /// Milder findings are dropped.
    pub min_severity: Severity,
    /// Less certain findings are dropped.
    pub min_confidence: Confidence,
    /// From which severity a cell is not run.
    pub block: Threshold,
    /// From which severity a scan fails.
    pub fail: Threshold,
    /// Settings by rule id; the later ones win.
    pub rules: Vec<(String, Setting)>,
    /// What cells may not use.
    pub deny_capabilities: Vec<String>,
    /// If set, only these modules may be imported.
    pub allow_imports: Option<Vec<String>>,
    /// Modules that may not be imported.
    pub deny_imports: Vec<String>,
    /// Functions whose calls are never reported.
    pub allow_functions: Vec<String>,
    /// Bounds on the work.
    pub limits: Limits,
}

/// The names of the policies that ship with the product.
pub const POLICIES: &[&str] = &["strict", "moderate", "permissive"];
/// The JSON schema of policy files.
pub const POLICY_SCHEMA: &str = include_str!("../policies/schema.json");

impl Default for Policy {
    fn default() -> Self {
        Policy {
            name: "moderate".into(),
            level: Level::Moderate,
            min_severity: Severity::Info,
            min_confidence: Confidence::Low,
            block: Threshold::Critical,
            fail: Threshold::Medium,
            rules: Vec::new(),
            deny_capabilities: Vec::new(),
            allow_imports: None,
            deny_imports: Vec::new(),
            allow_functions: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Policy {
    /// A policy that ships with the product.
    pub fn built_in(name: &str) -> Option<Policy> {
        let text = match name {
            "strict" => include_str!("../policies/strict.toml"),
            "moderate" => include_str!("../policies/moderate.toml"),
            "permissive" => include_str!("../policies/permissive.toml"),
            _ => return None,
        };
        let layer = toml::from_str(text).ok()?;
        Some(Policy::default().layered(&layer))
    }

    /// Puts layers on top of each other, the built-in policy at the bottom.
    pub fn from_layers(layers: &[PolicyLayer]) -> Policy {
        layers.iter().fold(Policy::default(), Policy::layered)
    }

    /// This policy with the changes of a layer.
    #[must_use]
    pub fn layered(mut self, layer: &PolicyLayer) -> Policy {
        if let Some(base) = layer.extends.as_deref().and_then(Policy::built_in) {
            self = base;
        }
        if let Some(v) = &layer.name {
            self.name.clone_from(v);
        }
        self.level = layer.level.unwrap_or(self.level);
        self.min_severity = layer.min_severity.unwrap_or(self.min_severity);
        self.min_confidence = layer.min_confidence.unwrap_or(self.min_confidence);
        self.block = layer.block.unwrap_or(self.block);
        self.fail = layer.fail.unwrap_or(self.fail);
        self.rules
            .extend(layer.rules.iter().map(|(k, v)| (k.clone(), *v)));
        if let Some(v) = &layer.deny_capabilities {
            self.deny_capabilities.clone_from(v);
        }
        if let Some(v) = &layer.allow_imports {
            self.allow_imports = Some(v.clone());
        }
        if let Some(v) = &layer.deny_imports {
            self.deny_imports.clone_from(v);
        }
        if let Some(v) = &layer.allow_functions {
            self.allow_functions.clone_from(v);
        }
        if let Some(limits) = &layer.limits {
            self.limits.max_bytes = limits.max_bytes.unwrap_or(self.limits.max_bytes);
            self.limits.parse_steps_per_byte = limits
                .parse_steps_per_byte
                .unwrap_or(self.limits.parse_steps_per_byte);
        }
        self
    }

    fn setting(&self, rule: &str) -> Option<Setting> {
        self.rules
            .iter()
            .rev()
            .find(|(pattern, _)| glob(pattern, rule))
            .map(|(_, s)| *s)
    }

    /// Whether a rule can be reported at all.
    pub fn reports_rule(&self, id: &str, level: Level) -> bool {
        match self.setting(id) {
            Some(Setting::Off) => false,
            Some(_) => true,
            None => level <= self.level,
        }
    }

    /// Drops what the policy does not report, sets severities, and honours suppressions in the text.
    pub fn apply(&self, text: &str, findings: Vec<Finding>) -> Vec<Finding> {
        self.apply_with(text, &Suppressions::read(text), findings)
    }

    /// As [`Policy::apply`], for a text that nobody has read yet: what stands in it silences nothing.
    pub fn apply_unread(&self, text: &str, findings: Vec<Finding>) -> Vec<Finding> {
        self.apply_with(text, &Suppressions::read(""), findings)
    }

    fn apply_with(
        &self,
        text: &str,
        suppressions: &Suppressions,
        findings: Vec<Finding>,
    ) -> Vec<Finding> {
        let mut out = Vec::with_capacity(findings.len());
        let mut by_rule: FxHashMap<String, Option<Setting>> = FxHashMap::default();
        for mut f in findings {
            let setting = if self.rules.is_empty() {
                None
            } else {
                *by_rule
                    .entry(f.rule.id.clone())
                    .or_insert_with(|| self.setting(&f.rule.id))
            };
            if setting == Some(Setting::Off) || setting.is_none() && f.level > self.level {
                continue;
            }
            if let Some(s) = setting.and_then(Setting::severity) {
                f.severity = s;
            }
            if f.severity < self.min_severity || f.confidence < self.min_confidence {
                continue;
            }
            let quoted = text.get(f.range.clone()).unwrap_or_default();
            if self
                .allow_functions
                .iter()
                .any(|a| quoted.starts_with(a.as_str()))
            {
                continue;
            }
            if suppressions.covers(&f.rule.id, f.range.start) {
                continue;
            }
            out.push(f);
        }
        for range in suppressions.without_reason() {
            if let Some(f) = crate::document::finding("MS-SUPPRESSION-REASON", range)
                .filter(|f| self.reports_rule(&f.rule.id, f.level))
            {
                out.push(f);
            }
        }
        out
    }

    /// Whether a finding keeps a cell from running.
    pub fn blocks(&self, finding: &Finding) -> bool {
        self.block.reached(finding.severity) && finding.confidence >= Confidence::Medium
    }

    /// The worst of the findings inside a cell that keep it from running; `None` when it may run.
    ///
    /// `findings` and `cell` are places in the same document.
    pub fn blocking<'a>(
        &self,
        findings: &'a [Finding],
        cell: &std::ops::Range<usize>,
    ) -> Option<&'a Finding> {
        findings
            .iter()
            .filter(|finding| cell.start <= finding.range.start && finding.range.end <= cell.end)
            .filter(|finding| self.blocks(finding))
            .rev()
            .max_by_key(|finding| finding.severity)
    }

    /// Why a cell with a finding that [`Policy::blocking`] gave is not run, for people.
    pub fn refusal(&self, finding: &Finding) -> String {
        format!(
            "{}: {} The security policy `{}` keeps this cell from running: change the code, allow it with a reason in a \
             comment, or set `block` in the settings.",
            finding.rule.id, finding.message, self.name
        )
    }

    /// Whether a finding makes a scan fail.
    pub fn fails(&self, finding: &Finding) -> bool {
        self.fail.reached(finding.severity)
    }

    /// The policy as a policy file that says everything.
    pub fn to_toml(&self) -> String {
        let layer = PolicyLayer {
            name: Some(self.name.clone()),
            extends: None,
            level: Some(self.level),
            min_severity: Some(self.min_severity),
            min_confidence: Some(self.min_confidence),
            block: Some(self.block),
            fail: Some(self.fail),
            rules: self.rules.iter().cloned().collect(),
            deny_capabilities: Some(self.deny_capabilities.clone()),
            allow_imports: self.allow_imports.clone(),
            deny_imports: Some(self.deny_imports.clone()),
            allow_functions: Some(self.allow_functions.clone()),
            limits: Some(LayerLimits {
                max_bytes: Some(self.limits.max_bytes),
                parse_steps_per_byte: Some(self.limits.parse_steps_per_byte),
            }),
        };
        toml::to_string_pretty(&layer).unwrap_or_default()
    }

    /// What another policy does differently, one line each.
    pub fn differences(&self, other: &Policy) -> Vec<String> {
        let mut out = Vec::new();
        let mut line = |what: &str, a: String, b: String| {
            if a != b {
                out.push(format!("{what}: {a} -> {b}"));
            }
        };
        line("level", self.level.to_string(), other.level.to_string());
        line(
            "min_severity",
            self.min_severity.to_string(),
            other.min_severity.to_string(),
        );
        line(
            "min_confidence",
            self.min_confidence.to_string(),
            other.min_confidence.to_string(),
        );
        line(
            "block",
            format!("{:?}", self.block).to_lowercase(),
            format!("{:?}", other.block).to_lowercase(),
        );
        line(
            "fail",
            format!("{:?}", self.fail).to_lowercase(),
            format!("{:?}", other.fail).to_lowercase(),
        );
        line(
            "deny_capabilities",
            self.deny_capabilities.join(", "),
            other.deny_capabilities.join(", "),
        );
        line(
            "deny_imports",
            self.deny_imports.join(", "),
            other.deny_imports.join(", "),
        );
        let mut ids: Vec<&String> = self
            .rules
            .iter()
            .chain(&other.rules)
            .map(|(k, _)| k)
            .collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            let show = |p: &Policy| {
                p.setting(id)
                    .map_or("default".to_owned(), |s| format!("{s:?}").to_lowercase())
            };
            line(&format!("rules.{id}"), show(self), show(other));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_win_from_the_top() {
        let user =
            PolicyLayer::parse("extends = \"strict\"\n[rules]\nPY-EVAL = \"off\"\n").unwrap();
        let script = PolicyLayer::parse("rules:\n  PY-*: high\nblock: never\n").unwrap();
        let policy = Policy::from_layers(&[user, script]);
        assert_eq!(policy.level, Level::Strict);
        assert_eq!(policy.setting("PY-EVAL"), Some(Setting::High));
        assert_eq!(policy.block, Threshold::Never);
        assert!(PolicyLayer::parse("leevel = \"strict\"").is_err());
        assert!(PolicyLayer::parse("extends = \"lax\"").is_err());
        let (a, b) = (
            Policy::built_in("strict").unwrap(),
            Policy::built_in("moderate").unwrap(),
        );
        assert!(
            a.differences(&b)
                .iter()
                .any(|l| l == "level: strict -> moderate")
        );
    }
}
