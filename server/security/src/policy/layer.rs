//! What a policy file says.

use serde::{Deserialize, Serialize};

use super::Policy;
use crate::rule::{Confidence, Level, Severity};

/// How a rule is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// Never reported.
    Off,
    /// Reported, whatever its level.
    On,
    /// Reported as a remark.
    Info,
    /// Reported with this severity.
    Low,
    /// Reported with this severity.
    Medium,
    /// Reported with this severity.
    High,
    /// Reported with this severity.
    Critical,
}

impl Setting {
    pub(super) fn severity(self) -> Option<Severity> {
        Some(match self {
            Setting::Info => Severity::Info,
            Setting::Low => Severity::Low,
            Setting::Medium => Severity::Medium,
            Setting::High => Severity::High,
            Setting::Critical => Severity::Critical,
            Setting::On | Setting::Off => return None,
        })
    }
}

/// From which severity something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// From this severity on.
    Info,
    /// From this severity on.
    Low,
    /// From this severity on.
    Medium,
    /// From this severity on.
    High,
    /// From this severity on.
    Critical,
    /// Not at all.
    Never,
}

impl Threshold {
    pub(super) fn reached(self, severity: Severity) -> bool {
        match self {
            Threshold::Info => true,
            Threshold::Low => severity >= Severity::Low,
            Threshold::Medium => severity >= Severity::Medium,
            Threshold::High => severity >= Severity::High,
            Threshold::Critical => severity >= Severity::Critical,
            Threshold::Never => false,
        }
    }
}

/// One layer of a policy: what a file says. Everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyLayer {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The built-in policy that it starts from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Which built-in rules are reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Milder findings are dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_severity: Option<Severity>,
    /// Less certain findings are dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<Confidence>,
    /// From which severity a cell is not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<Threshold>,
    /// From which severity a scan fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail: Option<Threshold>,
    /// Settings by rule id; a star stands for any text.
    pub rules: std::collections::BTreeMap<String, Setting>,
    /// What cells may not use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_capabilities: Option<Vec<String>>,
    /// If set, only these modules may be imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_imports: Option<Vec<String>>,
    /// Modules that may not be imported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny_imports: Option<Vec<String>>,
    /// Functions whose calls are never reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_functions: Option<Vec<String>>,
    /// Bounds on the work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<LayerLimits>,
}

/// Bounds in a policy file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayerLimits {
    /// Bytes of one piece of code.
    pub max_bytes: Option<usize>,
    /// Steps of the parser for each byte of the code.
    pub parse_steps_per_byte: Option<u32>,
}

impl PolicyLayer {
    /// Reads a policy file: TOML, or YAML when that is what the text is.
    pub fn parse(text: &str) -> Result<PolicyLayer, String> {
        let toml = toml::from_str::<PolicyLayer>(text);
        match toml {
            Ok(layer) => layer.checked(),
            Err(toml_error) => match serde_norway::from_str::<PolicyLayer>(text) {
                Ok(layer) => layer.checked(),
                Err(yaml_error) => {
                    let looks_like_toml = text.lines().any(|l| {
                        l.trim_start().starts_with('[')
                            || l.split_once('=').is_some_and(|(k, _)| !k.contains(':'))
                    });
                    Err(if looks_like_toml {
                        toml_error.to_string()
                    } else {
                        yaml_error.to_string()
                    })
                }
            },
        }
    }

    fn checked(self) -> Result<PolicyLayer, String> {
        if let Some(base) = &self.extends
            && Policy::built_in(base).is_none()
        {
            return Err(format!(
                "there is no policy `{base}` to extend; there are strict, moderate and permissive"
            ));
        }
        Ok(self)
    }
}
