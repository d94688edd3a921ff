//! Under which policy a script runs: what somebody asked for by name, else what the settings say.

use std::path::Path;

use metascript_analysis::project;
use metascript_sandbox::{Policies, Policy};

use crate::assistant::user_settings;

/// A policy, and what people must know of it before the first cell runs.
#[derive(Debug, Clone)]
pub struct RunPolicy {
    /// What the cells may do.
    pub policy: Policy,
    /// Texts of one or several lines: what of the settings does not hold, what the workspace would like, what a policy
    /// beyond the strict one allows.
    pub notes: Vec<String>,
}

/// The policy called `name`, or without a name the one that the settings of the user and of the workspace around
/// `folder` give; see `docs/security-model.md`. Without a folder, as for a script that is not saved, no folder is
/// granted.
pub fn run_policy(folder: Option<&Path>, name: Option<&str>) -> Result<RunPolicy, String> {
    let workspace = folder.and_then(|folder| {
        folder
            .ancestors()
            .map(|folder| folder.join(project::SETTINGS_FILE))
            .find(|file| file.is_file())
    });
    let policies = Policies::load(user_settings().as_deref(), workspace.as_deref());
    let mut notes: Vec<String> = policies
        .problems()
        .iter()
        .map(|problem| format!("settings: {problem}"))
        .collect();
    let mut policy = if let Some(name) = name {
        policies.named(name)?
    } else {
        let (policy, note) = policies.default_policy();
        notes.extend(note);
        policy
    };
    if folder.is_none() {
        policy.folders.clear();
    }
    if !policy.is_within(&Policy::strict()) {
        notes.push(format!(
            "the policy `{}` holds:\n  {}",
            policy.name,
            policy.summary().join("\n  ")
        ));
    }
    Ok(RunPolicy { policy, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_beyond_strict_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let told = |name| run_policy(Some(folder.path()), name).unwrap().notes;
        assert!(
            told(Some("moderate"))
                .iter()
                .any(|note| note.contains("reads the script's folder"))
        );
        assert!(
            told(Some("strict"))
                .iter()
                .all(|note| !note.contains("holds:"))
        );
        let error = run_policy(None, Some("lax")).unwrap_err();
        assert!(error.contains("strict, moderate, permissive"), "{error}");
        assert!(
            run_policy(None, Some("permissive"))
                .unwrap()
                .policy
                .folders
                .is_empty()
        );
    }
}
