//! What people read when a cell ends otherwise than by itself.

use crate::control::Stop;
use crate::event::{CellError, Frame, Status};
use crate::instance::Death;
use crate::policy::seconds;
use crate::wire::types;
use crate::{Language, Limits};

pub(super) fn error(failure: types::Failure) -> CellError {
    CellError {
        name: failure.name,
        message: failure.message,
        traceback: failure.traceback,
        frames: failure
            .frames
            .into_iter()
            .map(|frame| Frame {
                function: frame.function,
                file: frame.file,
                line: frame.line,
                column: frame.column,
            })
            .collect(),
        line: failure.line,
        column: failure.column,
    }
}

pub(super) fn plain(name: &str, message: &str) -> CellError {
    CellError {
        name: name.to_owned(),
        message: message.to_owned(),
        traceback: format!("{name}: {message}\n"),
        frames: Vec::new(),
        line: None,
        column: None,
    }
}

/// What the user reads when a cell took its runtime with it.
pub(super) fn obituary(
    death: Death,
    language: Language,
    limits: &Limits,
    lost: &[String],
    again: &[u32],
) -> (Status, CellError) {
    let (status, name, what) = match death {
        Death::Deadline => (
            Status::TimedOut,
            "DeadlineExceeded",
            format!("the cell was stopped after {}", seconds(limits.wall_time)),
        ),
        Death::Fuel => (
            Status::TimedOut,
            "OutOfFuel",
            "the cell used up its instructions".to_owned(),
        ),
        Death::Interrupted => (
            Status::Interrupted,
            "Interrupted",
            "the cell was interrupted".to_owned(),
        ),
        Death::Memory => (
            Status::OutOfMemory,
            "OutOfMemory",
            format!(
                "the cell needed more than {} MiB of memory",
                limits.memory >> 20
            ),
        ),
        Death::Stack => (
            Status::Failed,
            "StackOverflow",
            "the cell's calls are nested too deeply".to_owned(),
        ),
        Death::Crash => (
            Status::Failed,
            "RuntimeCrashed",
            format!("the {language} runtime crashed"),
        ),
    };
    let message = format!("{what}; {}", loss(language, lost, again));
    (status, plain(name, &message))
}

/// What the user reads when the compiler was stopped and the cell never began.
pub(super) fn unfinished(stop: Stop, language: Language, limits: &Limits) -> (Status, CellError) {
    match stop {
        Stop::Deadline => (
            Status::TimedOut,
            plain(
                "DeadlineExceeded",
                &format!(
                    "the {language} compiler was stopped after {}; no variable is lost",
                    seconds(limits.wall_time)
                ),
            ),
        ),
        Stop::Interrupted => (
            Status::Interrupted,
            plain("Interrupted", "the cell was interrupted"),
        ),
    }
}

/// What is gone, and the zero-based first lines of the cells that made it.
fn loss(language: Language, lost: &[String], again: &[u32]) -> String {
    const SHOWN: usize = 5;
    if lost.is_empty() {
        return format!("a fresh {language} runtime takes its place, no variable is lost");
    }
    let names: Vec<&str> = lost.iter().take(SHOWN).map(String::as_str).collect();
    let more = lost.len().saturating_sub(SHOWN);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let lines: Vec<String> = again
        .iter()
        .take(SHOWN)
        .map(|line| (line + 1).to_string())
        .collect();
    let where_they_are = match (lines.len(), again.len() > SHOWN) {
        (0, _) => String::new(),
        (1, _) => format!(" (line {})", lines.join("")),
        (_, false) => format!(" (lines {})", lines.join(", ")),
        (_, true) => format!(" (lines {} and more)", lines.join(", ")),
    };
    format!(
        "a fresh {language} runtime takes its place; gone are {}{more}. Run the cells that define them again{where_they_are}",
        names.join(", ")
    )
}
