//! `metascript run`.

mod gate;
mod human;
mod json;

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use metascript_lsp::{CellServices, open_assistant, run_policy};
use metascript_sandbox::packages::Packages;
use metascript_sandbox::services::Services;
use metascript_sandbox::{
    AuditLog, CellSource, Engine, EngineOptions, Event, Language, Outcome, SessionOptions, Status,
};
use metascript_syntax::{Cell, Document};
use tokio::sync::OnceCell;

use crate::ai::root_of;
use crate::args::{Format, RunOptions};
use crate::exit::{self, Exit};
use crate::files;
use gate::Gate;

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
    /// Why it is not run, and the byte of its code that this is about.
    blocked: Option<(String, usize)>,
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
    let gate = Gate::new(options, &document)?;
    let planned = plan(&document, &cells, &name, options.cell, &gate)?;
    let engine = Engine::new(EngineOptions {
        runtimes: options.runtimes.clone(),
        ..EngineOptions::default()
    })?;
    let mut session = engine.session_with(setup(options)?);
    for (name, reason) in session.declare(&metascript_sandbox::declared(&document)) {
        note(&format!("the value of '{name}' is not set: {reason}"));
    }
    let mut reporter: Box<dyn Reporter> = match options.format {
        Format::Human => Box::new(human::Human::new()),
        Format::Json => Box::new(json::Json::default()),
    };
    for cell in &planned {
        let mut printing = Ok(());
        let mut sink = |event: Event| {
            if printing.is_ok() {
                printing = reporter.event(cell, &event);
            }
        };
        let mut outcome = match &cell.blocked {
            Some((reason, at)) => session.turn_away(&cell.source, reason, *at, &mut sink),
            None => session.evaluate(&cell.source, &mut sink)?,
        };
        if options.deterministic {
            // The only thing that a repetition would print otherwise.
            outcome.duration = Duration::ZERO;
        }
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

/// The session that the options, the settings and the script's folder make. What a policy allows beyond the strict one
/// is told.
fn setup(options: &RunOptions) -> Result<SessionOptions> {
    let script =
        std::path::absolute(&options.file).with_context(|| options.file.display().to_string())?;
    let folder = script.parent();
    let mut found =
        run_policy(folder, options.policy.as_deref()).map_err(|problem| anyhow!(problem))?;
    let audit = match AuditLog::open() {
        Ok(audit) => Some(audit),
        Err(error) => {
            // What cannot be noted is not done.
            found.policy.confine();
            found.notes.push(format!(
                "the audit log cannot be written, so cells reach neither files nor hosts: {error}"
            ));
            None
        }
    };
    let (packages, problems) = Packages::open(folder);
    found.notes.extend(problems);
    for text in &found.notes {
        note(text);
    }
    let limits = &mut found.policy.limits;
    limits.wall_time = options.time_limit.unwrap_or(limits.wall_time);
    if let Some(memory) = options.memory_limit {
        limits.memory = usize::try_from(memory).unwrap_or(usize::MAX);
    }
    Ok(SessionOptions {
        services: Some(services(folder.unwrap_or(Path::new(".")))),
        policy: found.policy,
        folder: folder.map(Path::to_owned),
        audit,
        origin: if options.run_blocked {
            "metascript run --run-blocked".to_owned()
        } else {
            "metascript run".to_owned()
        },
        seed: options.deterministic.then_some(options.seed),
        packages,
    })
}

/// Language models and stores for the cells; the assistant is made when a cell first asks for it.
pub(crate) fn services(folder: &Path) -> Arc<dyn Services> {
    let workspace = root_of(folder);
    let assistant = Arc::new(OnceCell::new());
    Arc::new(CellServices::new(move || {
        let (workspace, assistant) = (workspace.clone(), Arc::clone(&assistant));
        Box::pin(async move {
            let made = assistant.get_or_init(async || {
                let (assist, problems) = open_assistant(&workspace, None).await;
                for problem in problems {
                    note(&problem);
                }
                assist
            });
            Some(Arc::clone(made.await))
        })
    }))
}

fn note(text: &str) {
    // A closed standard error is nobody to tell.
    let _ = writeln!(anstream::stderr(), "note: {text}");
}

/// The cells to run. Asked for one, it must be there and have a runtime; otherwise cells without a
/// runtime are named and left out.
fn plan(
    document: &Document,
    cells: &[Cell],
    file: &str,
    only: Option<usize>,
    gate: &Gate,
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
        let Some(source) = CellSource::of_script(cell, document, file) else {
            let reason = without_runtime(cell);
            if only.is_some() {
                bail!("{reason}");
            }
            note(&format!("{reason}; left out"));
            continue;
        };
        planned.push(Planned {
            index: cell.index,
            language: source.language,
            blocked: gate.blocks(cell),
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
