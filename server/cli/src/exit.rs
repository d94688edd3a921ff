//! Exit codes, and the one place that says an error on standard error.

use std::io::Write;
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Nothing to report.
    Clean,
    /// An error or a warning was found, or a cell failed.
    Found,
    /// The command could not do its work, or not all of it.
    CouldNot,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Clean => Self::SUCCESS,
            Exit::Found => Self::from(1),
            Exit::CouldNot => Self::from(2),
        }
    }
}

/// Prints `error: ...` with its causes. A closed standard error is nobody to tell.
pub(crate) fn report(error: &anyhow::Error) {
    let style = anstream::adapter::strip_str;
    let message = format!("{error:#}");
    let _ = writeln!(anstream::stderr(), "error: {}", style(&message));
}

/// Whether an error means that the reader of our output went away (`metascript check | head`).
pub(crate) fn is_closed_pipe(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::BrokenPipe
}
