//! The arguments of `metascript ai`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::args::Format;

#[derive(Debug, Args)]
#[command(after_help = "\
Providers are configured in the user's own settings and in .metascript.toml (docs/ai.md). Without one, `complete`
answers from the built-in completer. Nothing is sent to another machine before `metascript ai consent allow`.

What a command writes is shown as a diff; --apply writes it.

Exit codes: 0 done, 1 nothing to offer or the proposal was refused, 2 it could not be done.")]
pub(crate) struct AiOptions {
    #[command(subcommand)]
    pub(crate) command: AiCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AiCommand {
    /// Complete at a place
    Complete(Placed),
    /// Show exactly what a completion at a place would send; nothing is sent
    ExplainRequest(Placed),
    /// Write a script from a sentence
    Generate {
        /// What the script shall do
        sentence: String,
        /// Where it goes
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
        /// Write the file instead of showing it
        #[arg(long)]
        apply: bool,
    },
    /// Say what a block or cell does
    Explain(Placed),
    /// Repair what is wrong at a place
    Fix(Edited),
    /// Say what could be better in a script
    Review {
        /// The script
        file: PathBuf,
    },
    /// Write a cell that tests the function at a place
    Tests(Edited),
    /// Write comments and descriptions for a block or cell
    Document(Edited),
    /// Make a block or cell faster or simpler
    Optimise(Edited),
    /// Write a cell in another language
    Translate {
        /// The script
        file: PathBuf,
        /// The cell's number, from 0
        #[arg(long)]
        cell: usize,
        /// The language, for example python
        #[arg(long, value_name = "LANGUAGE")]
        to: String,
        /// Write the file instead of showing the change
        #[arg(long)]
        apply: bool,
    },
    /// Let a model work on a script with tools until it checks clean
    Agent {
        /// The script
        file: PathBuf,
        /// What to do
        goal: String,
        /// Turns of the model at most
        #[arg(long, default_value_t = 20)]
        steps: u32,
        /// What it may cost, in US dollars
        #[arg(long, default_value_t = 0.5, value_name = "USD")]
        max_cost: f64,
        /// Keep the model from running cells; they run in a sandbox, after the security policy was asked
        #[arg(long)]
        no_run: bool,
        /// Write the file instead of showing the change
        #[arg(long)]
        apply: bool,
    },
    /// Find blocks of the project by what they say
    Search {
        /// What to look for
        question: String,
        /// How many at most
        #[arg(long, default_value_t = 10)]
        count: usize,
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// The cache of answers on disk
    Cache {
        #[command(subcommand)]
        action: CacheAction,
    },
    /// What was asked, shown, taken and spent; kept on this machine alone
    Stats {
        /// How to print
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Whether this workspace's text may be sent to another machine
    Consent {
        #[command(subcommand)]
        action: ConsentAction,
    },
}

/// A place in a script.
#[derive(Debug, Args)]
pub(crate) struct Placed {
    /// The script
    pub(crate) file: PathBuf,
    /// The place, counted from 1, for example 12:5; the end of the script if absent
    #[arg(long, value_name = "LINE:COLUMN", value_parser = place)]
    pub(crate) at: Option<(usize, usize)>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// A place where a change is wanted.
#[derive(Debug, Args)]
pub(crate) struct Edited {
    /// The script
    pub(crate) file: PathBuf,
    /// The place, counted from 1, for example 12:5
    #[arg(long, value_name = "LINE:COLUMN", value_parser = place)]
    pub(crate) at: (usize, usize),
    /// Write the file instead of showing the change
    #[arg(long)]
    pub(crate) apply: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum CacheAction {
    /// How many answers are kept, and their size
    Stats,
    /// Forget them all
    Clear,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConsentAction {
    /// Which addresses need the workspace's consent, and have it
    Show,
    /// Allow an address for this workspace
    Allow {
        /// The provider's address as `show` prints it
        address: String,
    },
    /// Withdraw what was allowed
    Withdraw,
}

fn place(text: &str) -> Result<(usize, usize), String> {
    let number = |part: &str| part.parse::<usize>().ok().filter(|&number| number > 0);
    text.split_once(':')
        .and_then(|(line, column)| Some((number(line)?, number(column)?)))
        .ok_or_else(|| {
            format!("`{text}` is not a place; write LINE:COLUMN, counted from 1, as 12:5")
        })
}
