//! `metascript run`.

mod human;
mod json;

use std::io::{self, Write};

use anyhow::{Context, Result, anyhow, bail};
use metascript_sandbox::{
    CellSource, Engine, EngineOptions, Event, Language, Limits, Outcome, Status,
};
use metascript_syntax::{Cell, Document};

use crate::args::{Format, RunOptions};
use crate::exit::{self, Exit};
use crate::files;

/// Largest script that is run, in bytes.
const MAX_SCRIPT: u64 = 32 << 20;

/// Where events go.
trait Reporter {
    fn event(&mut self, cell: &Planned, event: &Event) -> io::Result<()>;
    fn done(&mut self, cell: &Planned, outcome: &Outcome) -> io::Result<()>;
}

/// A cell with its runtime.
struct Planned {
    index: usize,
    language: Language,
    source: CellSource,
}

/// Runs the cells of one script.
pub(crate) fn run(options: &RunOptions) -> Result<Exit> {
    let text = files::read(&options.file, MAX_SCRIPT).map_err(|failure| anyhow!("{failure}"))?;
    let document = Document::parse(&text);
    let name = options.file.file_name().map_or_else(
        || options.file.to_string_lossy().into_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let cells = document.cells();
    if cells.is_empty() {
        bail!("{} has no cells to run", options.file.display());
    }
    let planned = plan(&document, &cells, &name, options.cell)?;
    let engine = Engine::new(EngineOptions {
        runtimes: options.runtimes.clone(),
        ..EngineOptions::default()
    })?;
    let mut session = engine.session(Limits {
        wall_time: options.time_limit,
        memory: usize::try_from(options.memory_limit).unwrap_or(usize::MAX),
        ..Limits::default()
    });
    for (name, reason) in session.declare(&metascript_sandbox::declared(&document)) {
        // A closed standard error is nobody to tell.
        let _ = writeln!(
            anstream::stderr(),
            "note: the value of '{name}' is not set: {reason}"
        );
    }
    let mut reporter: Box<dyn Reporter> = match options.format {
        Format::Human => Box::new(human::Human::new()),
        Format::Json => Box::new(json::Json::default()),
    };
    for cell in &planned {
        let mut printing = Ok(());
        let outcome = session.evaluate(&cell.source, &mut |event| {
            if printing.is_ok() {
                printing = reporter.event(cell, &event);
            }
        })?;
        match printing.and_then(|()| reporter.done(cell, &outcome)) {
            Err(error) if exit::is_closed_pipe(&error) => return Ok(Exit::Clean),
            other => other.context("could not print")?,
        }
        if outcome.status != Status::Ok {
            return Ok(Exit::Found);
        }
    }
    Ok(Exit::Clean)
}

/// The cells to run. Asked for one, it must be there and have a runtime; otherwise cells without a
/// runtime are named and left out.
fn plan(
    document: &Document,
    cells: &[Cell],
    file: &str,
    only: Option<usize>,
) -> Result<Vec<Planned>> {
    if let Some(only) = only
        && !cells.iter().any(|cell| cell.index == only)
    {
        bail!(
            "there is no cell {only}; {file} has {} (they count from 0)",
            cells.len()
        );
    }
    let mut planned = Vec::new();
    for cell in cells {
        if only.is_some_and(|only| only != cell.index) {
            continue;
        }
        let Some(language) = Language::from_name(cell.language.as_str()) else {
            let reason = without_runtime(cell);
            if only.is_some() {
                bail!("{reason}");
            }
            // A closed standard error is nobody to tell.
            let _ = writeln!(anstream::stderr(), "note: {reason}; left out");
            continue;
        };
        let mut source =
            CellSource::new(language, document.slice(cell.code.clone())).at(file, cell.first_line);
        source.result_variable = cell.output_variable.as_ref().map(|(name, _)| name.clone());
        planned.push(Planned {
            index: cell.index,
            language,
            source,
        });
    }
    Ok(planned)
}

fn without_runtime(cell: &Cell) -> String {
    let known: Vec<_> = Language::ALL
        .iter()
        .map(|language| language.as_str())
        .collect();
    format!(
        "cell {} (line {}): {} has no runtime here; these languages have: {}",
        cell.index,
        cell.first_line + 1,
        cell.language.as_str(),
        known.join(", ")
    )
}
