//! `${...}` of a cell, before it runs.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Session;
use super::words::plain;
use crate::event::{CellError, CellSource, Event, Outcome, Status};
use crate::interpolate::{self, Misfit};

/// The name of the error of a cell that a policy keeps from running.
const BLOCKED: &str = "Blocked";

impl Session {
    /// The cell with the values of variables in its `${...}`, or what the user reads if one does not fit.
    pub(super) fn filled<'a>(
        &mut self,
        cell: &'a CellSource,
    ) -> Result<Cow<'a, CellSource>, Box<CellError>> {
        let holes = interpolate::holes(cell);
        let mut values = HashMap::new();
        for hole in &holes {
            if values.contains_key(&hole.name) {
                continue;
            }
            match self.variable(&hole.name) {
                Ok(Some(value)) => {
                    values.insert(hole.name.clone(), value);
                }
                // A name that no variable has stays as it stands.
                Ok(None) => {}
                Err(error) => {
                    let message = error.to_string();
                    return Err(misfit(
                        cell,
                        Misfit {
                            at: hole.range.start,
                            message,
                        },
                    ));
                }
            }
        }
        if values.is_empty() {
            return Ok(Cow::Borrowed(cell));
        }
        let code = interpolate::fill(cell, &holes, |name| values.get(name).cloned())
            .map_err(|reason| misfit(cell, reason))?;
        Ok(Cow::Owned(CellSource {
            code,
            ..cell.clone()
        }))
    }

    /// Ends a cell that may not run, with what the user reads under it and what the audit log keeps.
    ///
    /// `at` is the byte of the cell's code that the reason is about.
    pub fn turn_away(
        &mut self,
        cell: &CellSource,
        reason: &str,
        at: usize,
        sink: &mut dyn FnMut(Event),
    ) -> Outcome {
        let error = located(cell, BLOCKED, reason, at);
        self.refuse(cell, *error, sink)
    }

    /// Ends a cell that could not begin.
    pub(super) fn refuse(
        &mut self,
        cell: &CellSource,
        error: CellError,
        sink: &mut dyn FnMut(Event),
    ) -> Outcome {
        self.host.begin();
        self.host.trail().begin(cell);
        if error.name == BLOCKED {
            self.host.trail().turned_away(&error.message);
        }
        self.output.begin(self.limits.output);
        sink(Event::Started);
        self.output.push(Event::Error(error));
        self.output.end();
        let outcome = Outcome {
            status: Status::Failed,
            duration: std::time::Duration::ZERO,
            defined: Vec::new(),
            lost: Vec::new(),
        };
        self.close(cell, &outcome, sink);
        outcome
    }
}

fn misfit(cell: &CellSource, misfit: Misfit) -> Box<CellError> {
    located(cell, "InterpolationError", &misfit.message, misfit.at)
}

/// An error at a byte of the cell's code.
fn located(cell: &CellSource, name: &str, message: &str, at: usize) -> Box<CellError> {
    let before = cell.code.get(..at).unwrap_or_default();
    let (lines, column) = before
        .rsplit_once('\n')
        .map_or((0, before), |(above, line)| {
            (above.matches('\n').count() + 1, line)
        });
    let line = cell.first_line + u32::try_from(lines).unwrap_or(u32::MAX);
    let mut error = plain(name, message);
    error.traceback = format!("{}:{}: {message}\n", cell.file, line + 1);
    error.line = Some(line);
    error.column = u32::try_from(column.chars().count()).ok();
    Box::new(error)
}
