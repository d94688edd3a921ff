//! `metascript check`.

mod human;
mod json;

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use metascript_analysis::{Analysis, AnalysisHost, Diagnostic, FileId, Severity, project};
use metascript_syntax::Document;
use metascript_syntax::ast::Item;
use rayon::prelude::*;

use crate::args::{CheckOptions, Format};
use crate::exit::{self, Exit};
use crate::files::{self, Candidate, Unreadable};

/// One checked file.
struct Checked {
    path: String,
    document: Document,
    syntax_errors: usize,
    diagnostics: Arc<[Diagnostic]>,
}

/// Checks files in parallel and prints what was found.
pub(crate) fn check(options: &CheckOptions) -> Result<Exit> {
    let (candidates, mut unreadable) = files::find(&options.paths);
    let progress = progress(candidates.len(), options.format);
    let read: Vec<_> = candidates
        .into_par_iter()
        .map(|candidate| {
            let text = files::read(&candidate.path, options.max_file_size)?;
            let document = Document::parse(&text);
            Ok((candidate, document))
        })
        .progress_with(progress.clone())
        .collect();
    let mut projects: BTreeMap<Option<PathBuf>, Vec<(Candidate, Document)>> = BTreeMap::new();
    for outcome in read {
        match outcome {
            Ok((candidate, document)) if wanted(&candidate, &document) => {
                let settings = project::settings_file(&candidate.path);
                projects
                    .entry(settings)
                    .or_default()
                    .push((candidate, document));
            }
            Ok(_) => {}
            Err(failure) => unreadable.push(failure),
        }
    }
    if projects.is_empty() && unreadable.is_empty() {
        anyhow::bail!("no scripts found (.tars, .trsx, .flux, .metascript, .meta)");
    }
    let mut checked = Vec::new();
    for (settings, scripts) in projects {
        checked.extend(examine_all(settings.as_deref(), scripts, &mut unreadable));
    }
    checked.sort_by(|a, b| a.path.cmp(&b.path));
    progress.finish_and_clear();
    let printed = match options.format {
        Format::Human => human::print(&checked, &unreadable, options.hints),
        Format::Json => json::print(&checked, &unreadable),
    };
    match printed {
        Err(error) if exit::is_closed_pipe(&error) => {}
        other => other?,
    }
    Ok(verdict(&checked, &unreadable))
}

/// In a folder, a `.meta` file is only ours when it holds a block or a cell: other tools use that extension.
fn wanted(candidate: &Candidate, document: &Document) -> bool {
    candidate.named
        || candidate
            .path
            .extension()
            .is_none_or(|extension| extension != "meta")
        || document
            .root()
            .items()
            .iter()
            .any(|item| matches!(item, Item::Block(_) | Item::Cell(_) | Item::Fence(_)))
}

/// Checks the scripts that one settings file governs, in parallel.
fn examine_all(
    settings_file: Option<&Path>,
    scripts: Vec<(Candidate, Document)>,
    unreadable: &mut Vec<Unreadable>,
) -> Vec<Checked> {
    let mut host = AnalysisHost::new();
    if let Some(file) = settings_file {
        let (settings, problems) = project::read_settings(file);
        host.set_settings(settings);
        unreadable.extend(problems.into_iter().map(|reason| Unreadable {
            path: file.to_owned(),
            reason,
        }));
    }
    let files = host.set_files(
        scripts
            .iter()
            .map(|(candidate, document)| (candidate.path.clone(), document.clone())),
    );
    scripts
        .into_par_iter()
        .zip(files)
        .map_with(
            host.snapshot(),
            |analysis, ((candidate, document), file)| examine(analysis, &candidate, file, document),
        )
        .collect()
}

fn examine(
    analysis: &Analysis,
    candidate: &Candidate,
    file: FileId,
    document: Document,
) -> Checked {
    // Nothing changes the host while it is checked, so a cancelled query cannot happen here.
    let diagnostics = analysis.diagnostics(file).unwrap_or_else(|_| Arc::from([]));
    Checked {
        path: candidate.path.to_string_lossy().into_owned(),
        syntax_errors: document.syntax_errors().len(),
        document,
        diagnostics,
    }
}

fn verdict(checked: &[Checked], unreadable: &[Unreadable]) -> Exit {
    if !unreadable.is_empty() {
        return Exit::CouldNot;
    }
    let found = checked
        .iter()
        .flat_map(|file| file.diagnostics.iter())
        .any(|item| matches!(item.severity, Severity::Error | Severity::Warning));
    if found { Exit::Found } else { Exit::Clean }
}

/// A bar on a terminal, nothing elsewhere.
fn progress(files: usize, format: Format) -> ProgressBar {
    if format == Format::Json || files < 20 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files") {
        bar.set_style(style);
    }
    bar
}

/// Says on standard error what could not be read.
fn print_unreadable(unreadable: &[Unreadable]) {
    for failure in unreadable {
        let _ = writeln!(anstream::stderr(), "error: {failure}");
    }
}
