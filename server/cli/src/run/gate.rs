//! Which cells the security policy keeps from running.

use anyhow::{Result, anyhow};
use metascript_analysis::project;
use metascript_security::{DocumentScanner, Finding, Policy, Setup, script_policy};
use metascript_syntax::{Cell, Document};

use super::note;
use crate::args::RunOptions;

/// The findings of a script and the policy that judges them.
pub(super) struct Gate {
    policy: Policy,
    findings: Vec<Finding>,
    /// Somebody asked by name to run what is blocked.
    open: bool,
}

impl Gate {
    /// Scans a script under the settings of the user and of the workspace around the file.
    pub(super) fn new(options: &RunOptions, document: &Document) -> Result<Self> {
        let file = std::path::absolute(&options.file)?;
        let workspace = file
            .ancestors()
            .skip(1)
            .map(|folder| folder.join(project::SETTINGS_FILE))
            .find(|path| path.is_file());
        let user = metascript_lsp::user_settings();
        let (setup, faults) = Setup::load(user.as_deref(), workspace.as_deref());
        if let Some(fault) = faults.first() {
            return Err(anyhow!("{fault}"));
        }
        Ok(Self {
            policy: script_policy(document, &setup.policy),
            findings: DocumentScanner::new(setup.into()).scan(document),
            open: options.run_blocked,
        })
    }

    /// Why a cell is not run, and the byte of its code that this is about.
    pub(super) fn blocks(&self, cell: &Cell) -> Option<(String, usize)> {
        let finding = self.policy.blocking(&self.findings, &cell.range)?;
        if self.open {
            note(&format!(
                "cell {} runs although the policy `{}` blocks it: {}: {}",
                cell.index, self.policy.name, finding.rule.id, finding.message
            ));
            return None;
        }
        let at = finding.range.start.saturating_sub(cell.code.start);
        Some((self.policy.refusal(finding), at))
    }
}
