//! Rules: what is dangerous, why, and how to find it. The rules themselves are data in `rules/`.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::Safe;

/// How bad it is when the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness.
    Low,
    /// A vulnerability under conditions.
    Medium,
    /// A vulnerability.
    High,
    /// Gives an attacker the machine or the data.
    Critical,
}

/// How sure the scanner is that the finding is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint; a person must look.
    Low,
    /// True more often than not.
    Medium,
    /// True but for rare cases.
    High,
}

/// The laxest of the built-in policies that reports a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Reported by every policy.
    Permissive,
    /// Reported by moderate and strict.
    Moderate,
    /// Reported by strict alone.
    Strict,
}

macro_rules! lower_case_names {
    ($($t:ident { $($v:ident = $s:literal),* })*) => {$(
        impl $t {
            /// The name in policies and reports.
            pub fn as_str(self) -> &'static str {
                match self { $($t::$v => $s),* }
            }
        }
        impl fmt::Display for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
lower_case_names! {
    Severity { Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical" }
    Confidence { Low = "low", Medium = "medium", High = "high" }
    Level { Permissive = "permissive", Moderate = "moderate", Strict = "strict" }
}

/// Everything about a rule that is not its matcher.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleInfo {
    /// Stable name, such as `PY-EVAL`.
    pub id: String,
    /// A few words.
    pub title: String,
    /// Common Weakness Enumeration numbers, most fitting first.
    #[serde(default)]
    pub cwe: Vec<u16>,
    /// OWASP category, such as `A03:2021` or `LLM01:2025`.
    #[serde(default)]
    pub owasp: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The laxest built-in policy that reports it.
    pub level: Level,
    /// The kind of danger: `sql`, `command`, `crypto`...; for injection rules also the sanitizers that apply.
    pub category: String,
    /// The sentence that is shown at the place.
    pub message: String,
    /// Why it matters.
    #[serde(default)]
    pub why: String,
    /// How to fix it.
    #[serde(default)]
    pub fix: String,
    /// Code that the rule flags.
    #[serde(default)]
    pub bad: String,
    /// The same, done well: code that the rule leaves alone.
    #[serde(default)]
    pub good: String,
    /// What the capability policy calls the power this code needs (`network`, `filesystem`, `process`...).
    #[serde(default)]
    pub capability: Option<String>,
    /// Names of the same check in other scanners.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Filled from the file the rule stands in: canonical names of the languages.
    #[serde(skip)]
    pub languages: Vec<String>,
}

impl RuleInfo {
    pub(crate) fn safe(&self) -> Safe {
        Safe::named(&self.category).unwrap_or_default()
    }

    /// The bad example as it really is: what stands as an escape or a reference in the rule file, written out.
    ///
    /// Hidden characters and credentials must not stand in the project's own files.
    pub fn bad_example(&self) -> String {
        if let Some(name) = self.bad.trim().strip_prefix('@') {
            return format!(
                "value = \"{}\"\n",
                crate::text::secrets::sample(name).unwrap_or_default()
            );
        }
        if self.category == "unicode" {
            let mut out = String::new();
            crate::lang::unescape(&self.bad, &mut out);
            return out;
        }
        self.bad.clone()
    }

    /// Path of the rule's page below the product's documentation.
    pub fn page(&self) -> String {
        format!("docs/rules/{}.md", self.id)
    }
}

/// A shared rule.
pub type Rule = Arc<RuleInfo>;
