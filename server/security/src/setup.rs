//! What a scan works with, and where it is read from: built-in policy < user < workspace < script.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::custom::CustomRules;
use crate::osv::OsvDatabase;
use crate::policy::{Policy, PolicyLayer};
use crate::scan::{Finding, ScanRequest, scan_code, tidy};
use crate::text::scan::scan_text;

/// A policy, rules of one's own, and a database of known vulnerabilities.
#[derive(Default)]
pub struct Setup {
    /// What is reported.
    pub policy: Policy,
    /// Rules beside the built-in ones.
    pub custom: Option<CustomRules>,
    /// Known vulnerabilities of packages.
    pub vulnerabilities: Option<OsvDatabase>,
    /// Findings that are accepted stand in this file.
    pub baseline: Option<PathBuf>,
}

/// The table `[security]` of a settings file. Every other key in it is one of a policy file.
#[derive(Deserialize, Default)]
struct Table {
    policy: Option<String>,
    #[serde(default)]
    custom_rules: Vec<PathBuf>,
    vulnerabilities: Option<PathBuf>,
    baseline: Option<PathBuf>,
    #[serde(flatten)]
    rest: toml::Table,
}

#[derive(Deserialize, Default)]
struct File {
    #[serde(default)]
    security: Table,
}

impl Setup {
    /// A policy alone.
    pub fn new(policy: Policy) -> Self {
        Setup {
            policy,
            ..Setup::default()
        }
    }

    /// Reads the settings of the user and of the workspace, each a TOML file with a table `[security]`. Files that are
    /// not there change nothing; what cannot be read is told and left out.
    pub fn load(user: Option<&Path>, workspace: Option<&Path>) -> (Setup, Vec<String>) {
        let mut setup = Setup::default();
        let mut faults = Vec::new();
        for path in [user, workspace].into_iter().flatten() {
            match std::fs::read_to_string(path) {
                Ok(text) => {
                    let folder = path.parent().unwrap_or(Path::new("."));
                    if let Err(fault) = setup.add(&text, folder, &mut faults) {
                        faults.push(format!("{}: {fault}", path.display()));
                    }
                }
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                Err(e) => faults.push(format!("{}: {e}", path.display())),
            }
        }
        (setup, faults)
    }

    /// Everything dangerous in a piece of code or a whole file of a language that the policy reports.
    pub fn scan_code(&self, language: &str, code: &str) -> Vec<Finding> {
        let out = self.all_in_code(language, code);
        self.policy.apply(code, out)
    }

    /// As [`Setup::scan_code`], for code that nobody has read yet, as a model's: its comments silence nothing.
    pub fn scan_unread_code(&self, language: &str, code: &str) -> Vec<Finding> {
        let out = self.all_in_code(language, code);
        self.policy.apply_unread(code, out)
    }

    fn all_in_code(&self, language: &str, code: &str) -> Vec<Finding> {
        let request = ScanRequest {
            limits: self.policy.limits,
            ..ScanRequest::new(language, code)
        };
        let custom = self.custom.as_ref().and_then(|c| c.set(language));
        let (mut out, _) = scan_code(&request, &self.policy, custom.as_slice());
        out.extend(scan_text(code));
        out.extend(self.vulnerable(code));
        tidy(&mut out);
        out
    }

    /// Everything dangerous in a text that a language model is to read.
    pub fn scan_prompt(&self, text: &str) -> Vec<Finding> {
        let mut out = scan_text(text);
        out.extend(crate::document::prompt_finding(0..text.len(), text));
        tidy(&mut out);
        self.policy.apply(text, out)
    }

    fn vulnerable(&self, text: &str) -> Vec<Finding> {
        self.vulnerabilities
            .as_ref()
            .map(|database| crate::osv::findings(database, text))
            .unwrap_or_default()
    }

    /// Puts the table `[security]` of a settings file on top; paths in it are relative to `folder`.
    fn add(&mut self, text: &str, folder: &Path, faults: &mut Vec<String>) -> Result<(), String> {
        let file: File = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let table = file.security;
        let layer: PolicyLayer = toml::Value::Table(table.rest)
            .try_into()
            .map_err(|e: toml::de::Error| e.message().to_owned())?;
        if let Some(policy) = &table.policy {
            self.policy = self.policy.clone().layered(&named_layer(policy, folder)?);
        }
        self.policy = self.policy.clone().layered(&layer);
        if !table.custom_rules.is_empty() {
            let files: Vec<PathBuf> = table.custom_rules.iter().map(|p| folder.join(p)).collect();
            match CustomRules::read(&files) {
                Ok(rules) => self.custom = Some(rules),
                Err(fault) => faults.push(fault),
            }
        }
        if let Some(path) = table.vulnerabilities {
            let path = folder.join(path);
            match OsvDatabase::read(&path) {
                Ok((database, unread)) => {
                    self.vulnerabilities = Some(database);
                    faults.extend(unread.into_iter().map(|p| format!("{p}: no OSV record")));
                }
                Err(e) => faults.push(format!("{}: {e}", path.display())),
            }
        }
        if let Some(path) = table.baseline {
            self.baseline = Some(folder.join(path));
        }
        Ok(())
    }
}

/// The layer that a name (`strict`) or a path of a policy file stands for.
pub(crate) fn named_layer(name: &str, folder: &Path) -> Result<PolicyLayer, String> {
    if Policy::built_in(name).is_some() {
        return Ok(PolicyLayer {
            extends: Some(name.to_owned()),
            ..PolicyLayer::default()
        });
    }
    let path = folder.join(name);
    let text = std::fs::read_to_string(&path).map_err(|e| {
        format!(
            "there is no policy `{name}`: neither strict, moderate or permissive, nor a file ({e})"
        )
    })?;
    PolicyLayer::parse(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// The policy with a name (`strict`) or in a file.
pub fn policy_named(name: &str) -> Result<Policy, String> {
    Ok(Policy::default().layered(&named_layer(name, Path::new(""))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Level;

    #[test]
    fn the_workspace_is_on_top_of_the_user() {
        let folder = tempfile::tempdir().unwrap();
        let (user, workspace) = (
            folder.path().join("user.toml"),
            folder.path().join("w.toml"),
        );
        std::fs::write(&user, "[security]\npolicy = \"permissive\"\n").unwrap();
        std::fs::write(
            &workspace,
            "[diagnostics]\nMS0301 = \"off\"\n[security]\npolicy = \"strict\"\nblock = \"never\"\n[security.rules]\nPY-EVAL = \"off\"\n",
        )
        .unwrap();
        let (setup, faults) = Setup::load(Some(&user), None);
        assert_eq!((setup.policy.level, faults), (Level::Permissive, vec![]));
        let (setup, faults) = Setup::load(Some(&user), Some(&workspace));
        assert_eq!((setup.policy.level, faults), (Level::Strict, vec![]));
        assert!(!setup.policy.reports_rule("PY-EVAL", Level::Permissive));
        std::fs::write(
            &workspace,
            "[security]\nleevel = 1\npolicy = \"nowhere.toml\"\n",
        )
        .unwrap();
        let (setup, faults) = Setup::load(None, Some(&workspace));
        assert_eq!(setup.policy, Policy::default());
        assert_eq!(faults.len(), 1);
    }
}
