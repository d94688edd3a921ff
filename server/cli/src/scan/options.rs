//! What `metascript scan` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use metascript_security::{Confidence, Severity};

/// How findings are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanFormat {
    /// For people
    #[default]
    Human,
    /// For programs; see docs/command-line.md
    Json,
    /// SARIF 2.1.0, for code scanning services
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// A report instead of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Report {
    /// One page for a browser
    Html,
    /// A text to paste
    Markdown,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Folders are searched for metascripts and for files of the languages (.py .js .ts .fs .cs .rs .sh .ps1 .sql ...); ignore
files (.gitignore, .ignore) are respected. `-` reads standard input, with --language. A file whose name says no language is
scanned as text: credentials, hidden characters, instructions to a language model.

The policy comes from --policy, else from the table [security] of .metascript.toml in this folder or one above it, else from
the user's settings (metascript/config.toml in the folder for settings), else it is moderate. A script can ask for a stricter
one: `CONFIG { security_policy: \"strict\" }`. JSON: {\"version\":1,\"files\":N,\"findings\":[{\"rule\",\"severity\",\"confidence\",\"cwe\",\"path\",\"line\",...}],\"errors\":[...]}
with lines and columns from one.

Exit codes: 0 nothing that the policy fails on, 1 such a finding, 2 a file could not be read.")]
pub(crate) struct ScanOptions {
    /// Files or folders
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Take every file for this language: python, javascript, typescript, fsharp, csharp, rust, bash, powershell, sql,
    /// metascript, prompt, text
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Option<String>,
    /// strict, moderate, permissive, or a policy file
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) policy: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: ScanFormat,
    /// Print a report with summaries instead
    #[arg(long, value_enum, conflicts_with = "format")]
    pub(crate) report: Option<Report>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Report only what this file does not know yet
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept all findings: write them to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Drop findings that are less certain: low, medium, high
    #[arg(long, value_name = "LEVEL", value_parser = confidence)]
    pub(crate) min_confidence: Option<Confidence>,
    /// Drop findings that are milder: info, low, medium, high, critical
    #[arg(long, value_name = "LEVEL", value_parser = severity)]
    pub(crate) min_severity: Option<Severity>,
    /// Rules of your own: YAML files, or folders of them
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<PathBuf>,
    /// Check packages with versions against OSV records: a folder of JSON files, or a zip
    #[arg(long, value_name = "PATH")]
    pub(crate) osv: Option<PathBuf>,
    /// Refuse files larger than this, for example 50MB
    #[arg(long, value_name = "SIZE", default_value = "32MB", value_parser = crate::args::size)]
    pub(crate) max_file_size: u64,
}

fn confidence(text: &str) -> Result<Confidence, String> {
    [Confidence::Low, Confidence::Medium, Confidence::High]
        .into_iter()
        .find(|c| c.as_str() == text)
        .ok_or_else(|| "it is low, medium or high".to_owned())
}

fn severity(text: &str) -> Result<Severity, String> {
    [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ]
    .into_iter()
    .find(|s| s.as_str() == text)
    .ok_or_else(|| "it is info, low, medium, high or critical".to_owned())
}
