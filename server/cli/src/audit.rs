//! `metascript audit`: what cells did, and whether the log of it is whole.

use std::io::Write;

use anyhow::{Context, Result};
use clap::Subcommand;
use metascript_sandbox::AuditLog;
use serde_json::Value;

use crate::args::Format;
use crate::exit::Exit;

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Say whether an entry was removed, changed or cut off
    Verify,
    /// Print the last entries
    Show {
        /// How many
        #[arg(long, value_name = "N", default_value_t = 50)]
        last: usize,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
}

pub(crate) fn audit(command: &AuditCommand) -> Result<Exit> {
    let log = AuditLog::open().context("the audit log cannot be opened")?;
    let mut out = anstream::stdout().lock();
    match command {
        AuditCommand::Verify => {
            let report = log.verify().context("the audit log cannot be read")?;
            for trouble in &report.troubles {
                writeln!(out, "{trouble}")?;
            }
            let folder = log.folder().display();
            if report.troubles.is_empty() {
                writeln!(
                    out,
                    "{folder}: {} entries, all as they were written",
                    report.lines
                )?;
                return Ok(Exit::Clean);
            }
            writeln!(
                out,
                "{folder}: {} entries, not as they were written",
                report.lines
            )?;
            Ok(Exit::Found)
        }
        AuditCommand::Show { last, format } => {
            for entry in log.last(*last).context("the audit log cannot be read")? {
                match format {
                    Format::Json => writeln!(out, "{entry}")?,
                    Format::Human => writeln!(out, "{}", line(&entry))?,
                }
            }
            Ok(Exit::Clean)
        }
    }
}

/// An entry for people: moment, kind, then what it tells, in the order of the log.
fn line(entry: &Value) -> String {
    let text = |name: &str| entry.get(name).map(plain).unwrap_or_default();
    let more: Vec<String> = entry
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| {
            !["seq", "time", "event", "hmac"].contains(&name.as_str()) && !value.is_null()
        })
        .map(|(name, value)| format!("{name}={}", plain(value)))
        .collect();
    format!("{} {:<12} {}", text("time"), text("event"), more.join(" "))
}

/// A value on one line; what a cell wrote cannot steer the terminal.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) if text.chars().all(|c| !c.is_control() && c != ' ') => text.clone(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}
