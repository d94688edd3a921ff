//! The command line, and the help that teaches it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::ai::AiOptions;

/// Check metascripts, run their cells in a sandbox, serve them to an editor.
#[derive(Debug, Parser)]
#[command(
    name = "metascript",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  metascript check .                      what is wrong in the scripts below this folder
  metascript fmt .                        format them
  metascript scan .                       what is dangerous in them
  metascript run hello.tars               run every cell and show its output
  metascript run hello.tars --cell 2      run one cell (cells count from 0)
  metascript explain MS0001               what a code means and how to fix it
  metascript lsp                          the language server, for editors

Exit codes: 0 nothing found, 1 something found or a cell failed, 2 the work could not be done."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve an editor over standard input and output (LSP 3.18)
    Lsp(LspOptions),
    /// Say what is wrong in scripts
    Check(CheckOptions),
    /// Format scripts in place; cells, strings and comments keep every byte
    Fmt(FmtOptions),
    /// Say what is dangerous in scripts and in files of their languages
    Scan(crate::scan::ScanOptions),
    /// Show, check or compare security policies
    #[command(subcommand)]
    Policy(crate::policy::PolicyCommand),
    /// Test security rules of your own
    #[command(subcommand)]
    Rules(crate::rules::RulesCommand),
    /// Run the cells of a script in the sandbox
    Run(RunOptions),
    /// Complete, write, explain, repair and review scripts with a model, or without one
    Ai(AiOptions),
    /// Explain a diagnostic code or a security rule, or list all
    Explain {
        /// A code such as MS0001 or PY-EXEC; without it all codes are listed
        code: Option<String>,
    },
    /// Print completions for a shell: `metascript completions bash > ...`
    Completions {
        /// The shell to complete for
        shell: Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct LspOptions {
    /// Accepted because many clients pass it; standard input and output is the only transport
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs; see docs/command-line.md
    Json,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Folders are searched for .tars, .trsx, .flux, .metascript and .meta files; ignore files (.gitignore, .ignore) are
respected. A file named on the command line is checked whatever its name: its content decides the dialect.

JSON: {\"version\":1,\"files\":[{\"path\",\"dialect\",\"syntax_errors\",\"diagnostics\":[{\"code\",\"severity\",\"message\",
\"range\"}]}],\"errors\":[{\"path\",\"message\"}]} with zero-based UTF-16 positions.

Only errors and warnings make the exit code 1; hints do not.")]
pub(crate) struct CheckOptions {
    /// Show hints too: what is likely a mistake but may be meant
    #[arg(long)]
    pub(crate) hints: bool,
    /// Files or folders
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Refuse files larger than this, for example 50MB
    #[arg(long, value_name = "SIZE", default_value = "32MB", value_parser = size)]
    pub(crate) max_file_size: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Indentation, final newline and trailing spaces follow .editorconfig; without one a script keeps its own
indentation. A script with syntax errors is left as it is.

Exit codes: 0 done, or nothing to do; 1 --check or --diff found something to do, or a script has syntax errors;
2 a file could not be read or written.")]
pub(crate) struct FmtOptions {
    /// Files or folders
    #[arg(required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing, name the files that would change
    #[arg(long)]
    pub(crate) check: bool,
    /// Write nothing, print what would change
    #[arg(long)]
    pub(crate) diff: bool,
    /// Refuse files larger than this, for example 50MB
    #[arg(long, value_name = "SIZE", default_value = "32MB", value_parser = size)]
    pub(crate) max_file_size: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Cells run in document order in one session, in a WebAssembly sandbox: no files, no network, no environment.
A run stops at the first cell that fails.

JSON: one event a line, {\"event\":\"output\"|\"result\"|\"error\"|\"done\",\"cell\",\"language\",...}.")]
pub(crate) struct RunOptions {
    /// The script
    pub(crate) file: PathBuf,
    /// Run only this cell; cells count from 0
    #[arg(long, value_name = "N")]
    pub(crate) cell: Option<usize>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Wall time of one cell, for example 500ms, 2s, 1m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = duration)]
    pub(crate) time_limit: Duration,
    /// Memory of one runtime, for example 256MB
    #[arg(long, value_name = "SIZE", default_value = "512MB", value_parser = size)]
    pub(crate) memory_limit: u64,
    /// Where the WebAssembly runtimes are, when not beside the binary
    #[arg(long, value_name = "FOLDER", env = "METASCRIPT_RUNTIMES")]
    pub(crate) runtimes: Option<PathBuf>,
}

/// `10`, `64KB`, `50MB`, `1GB` (powers of 1024) in bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        other => return Err(format!("unknown unit `{other}`; use KB, MB or GB")),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(|| format!("`{text}` is not a size; write for example 256MB"))
}

/// `500ms`, `2s`, `1m`; a bare number means seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split_unit(text);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        other => return Err(format!("unknown unit `{other}`; use ms, s or m")),
    };
    number
        .parse::<f64>()
        .ok()
        .map(|number| number * scale)
        .filter(|seconds| seconds.is_finite() && *seconds > 0.0 && *seconds <= 86_400.0)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("`{text}` is not a time up to a day; write for example 2s"))
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes_and_times_take_units() {
        assert_eq!(size("256MB"), Ok(256 << 20));
        assert_eq!(size("10"), Ok(10));
        assert!(size("0").is_err());
        assert!(size("12 parsecs").is_err());
        assert!(size("99999999999999GB").is_err());
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert!(duration("-1s").is_err());
        assert!(duration("forever").is_err());
    }
}
