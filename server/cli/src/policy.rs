//! `metascript policy`: what a policy says, whether it is right, how two differ.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use clap::Subcommand;
use metascript_security::{PolicyLayer, all_rules, policy_named};

use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print a policy with all its values, as a policy file
    Show {
        /// strict, moderate, permissive, or a policy file
        #[arg(default_value = "moderate")]
        policy: String,
    },
    /// Say whether policy files are right
    Check {
        /// Policy files, TOML or YAML
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Say what the second policy does differently
    Diff {
        /// strict, moderate, permissive, or a policy file
        from: String,
        /// The same
        to: String,
    },
}

pub(crate) fn policy(command: &PolicyCommand) -> Result<Exit> {
    let mut out = anstream::stdout().lock();
    let named = |name: &str| policy_named(name).map_err(|e| anyhow!(e));
    match command {
        PolicyCommand::Show { policy } => {
            write!(out, "{}", named(policy)?.to_toml())?;
            Ok(Exit::Clean)
        }
        PolicyCommand::Check { files } => {
            let mut exit = Exit::Clean;
            for file in files {
                let faults = faults(file);
                for fault in &faults {
                    writeln!(out, "{}: {fault}", file.display())?;
                    exit = Exit::Found;
                }
                if faults.is_empty() {
                    writeln!(out, "{}: right", file.display())?;
                }
            }
            Ok(exit)
        }
        PolicyCommand::Diff { from, to } => {
            let lines = named(from)?.differences(&named(to)?);
            for line in &lines {
                writeln!(out, "{line}")?;
            }
            Ok(if lines.is_empty() {
                Exit::Clean
            } else {
                Exit::Found
            })
        }
    }
}

/// What is wrong with a policy file, also rules that there are not.
fn faults(file: &Path) -> Vec<String> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) => return vec![format!("cannot be read: {e}")],
    };
    let layer = match PolicyLayer::parse(&text) {
        Ok(layer) => layer,
        Err(e) => return vec![e.trim_end().to_owned()],
    };
    let rules = all_rules();
    layer
        .rules
        .keys()
        .filter(|pattern| {
            !rules
                .iter()
                .any(|r| metascript_security::matches(pattern, &r.id))
        })
        .map(|pattern| format!("`{pattern}` names no rule; `metascript explain` lists them"))
        .collect()
}
