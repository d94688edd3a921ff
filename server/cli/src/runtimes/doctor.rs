//! `metascript runtimes doctor`.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use metascript_sandbox::{CellSource, Engine, EngineOptions, Event, Language, Limits};
use serde::Serialize;

use crate::args::Format;
use crate::exit::Exit;

/// The compiler of a language may have to be compiled itself first.
const PATIENCE: Duration = Duration::from_mins(2);

#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    /// The folder that holds the runtimes
    #[arg(long, value_name = "FOLDER")]
    runtimes: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// What is known of a language.
#[derive(Debug, Serialize)]
struct Row {
    language: &'static str,
    #[serde(skip)]
    title: &'static str,
    /// Where its runtime is.
    path: Option<PathBuf>,
    version: Option<String>,
    /// Whether `1 + 1` is 2.
    works: bool,
    /// What to do, or what to know.
    advice: Option<String>,
}

pub(super) fn doctor(options: &DoctorOptions) -> Result<Exit> {
    let engine = Engine::new(EngineOptions {
        runtimes: options.runtimes.clone(),
        ..EngineOptions::default()
    })?;
    let rows: Vec<Row> = Language::ALL
        .into_iter()
        .map(|language| examine(&engine, language))
        .collect();
    let mut out = anstream::stdout().lock();
    match options.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
        Format::Human => human(&mut out, &rows)?,
    }
    Ok(if rows.iter().all(|row| row.works) {
        Exit::Clean
    } else {
        Exit::Found
    })
}

fn examine(engine: &Engine, language: Language) -> Row {
    let mut row = Row {
        language: language.as_str(),
        title: language.title(),
        path: None,
        version: None,
        works: false,
        advice: None,
    };
    match engine.find_runtime(language) {
        Ok(path) => row.path = Some(path),
        Err(error) => {
            row.advice = Some(error.to_string());
            return row;
        }
    }
    let mut session = engine.session(Limits {
        wall_time: PATIENCE,
        ..Limits::default()
    });
    match session.about(language) {
        Ok(about) => row.version = Some(format!("{} {}", about.implementation, about.version)),
        Err(error) => {
            row.advice = Some(error.to_string());
            return row;
        }
    }
    let mut said = String::new();
    let ran = session.evaluate(
        &CellSource::new(language, "1 + 1"),
        &mut |event| match event {
            Event::Result(bundle) => {
                row.works = bundle.text("text/plain") == Some("2");
            }
            Event::Error(error) => said = error.message,
            _ => {}
        },
    );
    if let Err(error) = ran {
        row.advice = Some(error.to_string());
    } else if !row.works {
        row.advice = Some(format!("`1 + 1` failed: {said}"));
    } else if language == Language::Rust && !Engine::hides_files_from_rustc() {
        row.advice = Some(
            "this system cannot hide files from the compiler; the check of a cell's words alone keeps it from them"
                .to_owned(),
        );
    }
    row
}

fn human(out: &mut impl Write, rows: &[Row]) -> Result<()> {
    let width = |text: fn(&Row) -> &str, head: &str| {
        rows.iter()
            .map(|row| text(row).chars().count())
            .chain([head.len()])
            .max()
            .unwrap_or(0)
    };
    let version = |row: &Row| row.version.clone().unwrap_or_else(|| "-".to_owned());
    let language = width(|row| row.title, "language");
    let versions = rows
        .iter()
        .map(|row| version(row).chars().count())
        .chain(["version".len()])
        .max()
        .unwrap_or(0);
    writeln!(
        out,
        "{:language$}  works  {:versions$}  where",
        "language", "version"
    )?;
    for row in rows {
        let path = row
            .path
            .as_ref()
            .map_or_else(|| "not found".to_owned(), |path| path.display().to_string());
        writeln!(
            out,
            "{:language$}  {:5}  {:versions$}  {path}",
            row.title,
            if row.works { "yes" } else { "no" },
            version(row),
        )?;
    }
    for row in rows {
        if let Some(advice) = &row.advice {
            writeln!(out, "\n{}: {advice}", row.title)?;
        }
    }
    Ok(())
}
