//! Output for people: a rule over each cell, then what it printed, its result or its error.

use std::io::{self, Write};

use anstream::{stderr, stdout};
use metascript_sandbox::{Bundle, Event, Outcome, Status, StreamName};

use super::{Planned, Reporter};

const DIM: &str = "\u{1b}[2m";
const RED: &str = "\u{1b}[31m";
const RESET: &str = "\u{1b}[0m";

pub(super) struct Human {
    /// Whether the last text ended a line; a result starts on a line of its own.
    at_line_start: bool,
}

impl Human {
    pub(super) fn new() -> Self {
        Self {
            at_line_start: true,
        }
    }

    /// Ends the line that a cell left open.
    fn own_line(&mut self, out: &mut impl Write) -> io::Result<()> {
        if !self.at_line_start {
            writeln!(out)?;
            self.at_line_start = true;
        }
        Ok(())
    }

    fn show(&mut self, bundle: &Bundle) -> io::Result<()> {
        let mut out = stdout().lock();
        self.own_line(&mut out)?;
        if let Some(text) = bundle.text("text/plain") {
            writeln!(out, "{}", text.trim_end_matches('\n'))
        } else {
            let names: Vec<_> = bundle
                .representations
                .iter()
                .map(|(name, _)| name.as_str())
                .collect();
            writeln!(out, "{DIM}[{}]{RESET}", names.join(", "))
        }
    }
}

impl Reporter for Human {
    fn event(&mut self, cell: &Planned, event: &Event) -> io::Result<()> {
        match event {
            Event::Started => {
                let mut out = stdout().lock();
                self.own_line(&mut out)?;
                writeln!(
                    out,
                    "{DIM}── cell {} · {} · line {} ──{RESET}",
                    cell.index,
                    cell.language,
                    cell.source.first_line + 1
                )
            }
            Event::Stream { name, text } => {
                self.at_line_start = text.ends_with('\n');
                match name {
                    StreamName::Stdout => {
                        let mut out = stdout().lock();
                        write!(out, "{text}")?;
                        out.flush()
                    }
                    StreamName::Stderr => {
                        let mut out = stderr().lock();
                        write!(out, "{text}")?;
                        out.flush()
                    }
                }
            }
            Event::Display(bundle) | Event::Result(bundle) => self.show(bundle),
            Event::Error(error) => {
                self.own_line(&mut stdout().lock())?;
                let mut err = stderr().lock();
                let text = error.traceback.trim_end();
                writeln!(err, "{RED}{text}{RESET}")
            }
            _ => Ok(()),
        }
    }

    fn done(&mut self, _cell: &Planned, outcome: &Outcome) -> io::Result<()> {
        let mut out = stdout().lock();
        self.own_line(&mut out)?;
        if !outcome.lost.is_empty() {
            writeln!(
                stderr().lock(),
                "the runtime was replaced; these variables are gone: {}",
                outcome.lost.join(", ")
            )?;
        }
        if outcome.status == Status::Ok {
            return Ok(());
        }
        let how = match outcome.status {
            Status::Interrupted => "was interrupted",
            Status::TimedOut => "was stopped at its time limit",
            Status::OutOfMemory => "ran out of memory",
            Status::Ok | Status::Failed => "failed",
        };
        writeln!(
            out,
            "{DIM}the cell {how} after {:.1} s{RESET}",
            outcome.duration.as_secs_f32()
        )
    }
}
