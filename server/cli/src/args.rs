//! The command line, and the help that teaches it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use metascript_sandbox::amount;

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
  metascript audit show                   what cells did
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
    /// Serve one session to a program: JSON-RPC 2.0 on standard input and output
    Session(crate::session::SessionArguments),
    /// Show the language runtimes, and add packages that cells can import
    #[command(subcommand)]
    Runtimes(crate::runtimes::RuntimesCommand),
    /// Show the log of what cells did, or check that nobody changed it
    #[command(subcommand)]
    Audit(crate::audit::AuditCommand),
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
Cells run in document order in one session, in a WebAssembly sandbox. Under the policy strict, which is the default, they
see no files, no network and no environment; what a policy allows beyond that is shown first. A run stops at the first
cell that fails. What cells do is written to the audit log (metascript audit).

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
    /// strict, moderate, permissive, or one of your settings or of .metascript.toml; without it, as your settings say
    #[arg(long, value_name = "NAME")]
    pub(crate) policy: Option<String>,
    /// Wall time of one cell, for example 500ms, 2s, 1m; without it, the policy's
    #[arg(long, value_name = "TIME", value_parser = amount::time)]
    pub(crate) time_limit: Option<Duration>,
    /// Memory of one runtime, for example 256MB; without it, the policy's
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// Run cells that the security policy keeps from running; each is told, and the audit log says so
    #[arg(long)]
    pub(crate) run_blocked: bool,
    /// Fixed clock and seeded random numbers: the same output in every run
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// What the random numbers of a deterministic run begin with
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 0,
        requires = "deterministic"
    )]
    pub(crate) seed: u64,
    /// Where the WebAssembly runtimes are, when not beside the binary
    #[arg(long, value_name = "FOLDER", env = "METASCRIPT_RUNTIMES")]
    pub(crate) runtimes: Option<PathBuf>,
}

/// A size in bytes.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    amount::size(text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
