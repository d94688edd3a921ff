//! `metascript scan`.

mod human;
mod inputs;
mod options;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;

use annotate_snippets::Renderer;
use anyhow::{Context, Result, anyhow, bail};
use indicatif::{ParallelProgressIterator, ProgressBar, ProgressStyle};
use metascript_security::osv::OsvDatabase;
use metascript_security::render::{self, FileFindings, ScanError};
use metascript_security::{
    Baseline, CustomRules, DocumentScanner, Setup, Trend, policy_named, script_policy,
};
use metascript_syntax::Document;
use metascript_syntax::ast::Item;
use rayon::prelude::*;

use crate::exit::Exit;
use crate::files::Unreadable;
use crate::out;
pub(crate) use inputs::language_of_extension;
use inputs::{Input, Kind};
pub(crate) use options::ScanOptions;
use options::{Report, ScanFormat};

/// Scans files in parallel and prints what is dangerous.
pub(crate) fn scan(options: &ScanOptions) -> Result<Exit> {
    let language = options
        .language
        .as_deref()
        .map(inputs::kind_named)
        .transpose()
        .map_err(|e| anyhow!(e))?;
    let setup = Arc::new(setup(options)?);
    let (found, mut unreadable) = inputs::find(&options.paths, language.as_ref());
    if found.is_empty() && unreadable.is_empty() {
        bail!("no files to scan found (metascripts, .py .js .ts .fs .cs .rs .sh .ps1 .sql)");
    }
    let progress = progress(found.len());
    let outcomes: Vec<Result<FileFindings, Unreadable>> = found
        .into_par_iter()
        .map(|input| {
            let text = inputs::read(&input, options.max_file_size)?;
            Ok(examine(&setup, &input, text))
        })
        .progress_with(progress.clone())
        .collect();
    progress.finish_and_clear();
    let mut files = Vec::with_capacity(outcomes.len());
    for outcome in outcomes {
        match outcome {
            Ok(file) => files.push(file),
            Err(failure) => unreadable.push(failure),
        }
    }
    if let Some(path) = &options.write_baseline {
        let mut baseline = Baseline::default();
        for file in &files {
            baseline.add(&file.path, &file.text, &file.findings);
        }
        write_whole(path, &baseline.to_json())?;
    }
    let trend = match options.baseline.as_ref().or(setup.baseline.as_ref()) {
        Some(path) if options.write_baseline.is_none() => Some(compare(path, &mut files)?),
        _ => None,
    };
    let failed = files
        .iter()
        .filter(|file| !file.findings.is_empty())
        .any(|file| {
            // A script may ask for a stricter policy.
            let own = file
                .text
                .contains("security_policy")
                .then(|| script_policy(&Document::parse(&file.text), &setup.policy));
            let policy = own.as_ref().unwrap_or(&setup.policy);
            file.findings.iter().any(|f| policy.fails(f))
        });
    for failure in &unreadable {
        let _ = writeln!(anstream::stderr(), "error: {failure}");
    }
    print(
        options,
        &rendered(options, &files, &unreadable, trend.as_ref()),
    )?;
    Ok(if !unreadable.is_empty() {
        Exit::CouldNot
    } else if failed && options.write_baseline.is_none() {
        Exit::Found
    } else {
        Exit::Clean
    })
}

/// Policy, own rules and databases: the options over the settings of the workspace over the user's own.
fn setup(options: &ScanOptions) -> Result<Setup> {
    let here = std::env::current_dir().unwrap_or_default();
    let workspace = here
        .ancestors()
        .map(|folder| folder.join(".metascript.toml"))
        .find(|path| path.is_file());
    let (mut setup, faults) = Setup::load(
        metascript_lsp::user_settings().as_deref(),
        workspace.as_deref(),
    );
    if let Some(fault) = faults.first() {
        bail!("{fault}");
    }
    if let Some(name) = &options.policy {
        setup.policy = policy_named(name).map_err(|e| anyhow!(e))?;
    }
    let policy = &mut setup.policy;
    policy.min_confidence = options.min_confidence.unwrap_or(policy.min_confidence);
    policy.min_severity = options.min_severity.unwrap_or(policy.min_severity);
    if !options.rules.is_empty() {
        setup.custom = Some(CustomRules::read(&options.rules).map_err(|e| anyhow!(e))?);
    }
    if let Some(path) = &options.osv {
        let (database, faults) =
            OsvDatabase::read(path).with_context(|| path.display().to_string())?;
        for fault in faults {
            let _ = writeln!(anstream::stderr(), "warning: {fault}: no OSV record");
        }
        setup.vulnerabilities = Some(database);
    }
    Ok(setup)
}

fn examine(setup: &Arc<Setup>, input: &Input, text: String) -> FileFindings {
    let findings = match &input.kind {
        Kind::Script => {
            let document = Document::parse(&text);
            if has_blocks(&document) {
                DocumentScanner::new(Arc::clone(setup)).scan(&document)
            } else {
                setup.scan_prompt(&text)
            }
        }
        Kind::Prompt => setup.scan_prompt(&text),
        Kind::Code(language) => setup.scan_code(language, &text),
        Kind::Text => setup.scan_code("text", &text),
    };
    FileFindings {
        path: slashed(&input.path),
        text,
        findings,
    }
}

/// Whether a text is a script at all.
fn has_blocks(document: &Document) -> bool {
    document.root().items().iter().any(|item| {
        matches!(
            item,
            Item::Block(_) | Item::Cell(_) | Item::Prose(_) | Item::Fence(_)
        )
    })
}

/// Paths in results have slashes on every system.
fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = text.strip_prefix("./").unwrap_or(&text);
    if cfg!(windows) {
        text.replace('\\', "/")
    } else {
        text.to_owned()
    }
}

/// Drops what the baseline knows.
fn compare(path: &Path, files: &mut [FileFindings]) -> Result<Trend> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let baseline =
        Baseline::parse(&text).map_err(|e| anyhow!("{} is no baseline: {e}", path.display()))?;
    let mut trend = Trend::default();
    for file in files {
        let findings = std::mem::take(&mut file.findings);
        let (new, here) = baseline.split(&file.path, &file.text, findings);
        file.findings = new;
        trend.new += here.new;
        trend.known += here.known;
        trend.fixed += here.fixed;
    }
    Ok(trend)
}

fn rendered(
    options: &ScanOptions,
    files: &[FileFindings],
    unreadable: &[Unreadable],
    trend: Option<&Trend>,
) -> String {
    match (options.report, options.format) {
        (Some(Report::Html), _) => render::html(files, trend),
        (Some(Report::Markdown), _) => render::markdown(files, trend),
        (None, ScanFormat::Human) => {
            let renderer = match options.output {
                Some(_) => Renderer::plain(),
                None => out::renderer(),
            };
            human::render(files, trend, &renderer)
        }
        (None, ScanFormat::Json) => {
            let errors: Vec<ScanError> = unreadable
                .iter()
                .map(|u| ScanError {
                    path: slashed(&u.path),
                    message: u.reason.clone(),
                })
                .collect();
            render::json(files, &errors)
        }
        (None, ScanFormat::Sarif) => render::sarif(files),
        (None, ScanFormat::Github) => render::github(files),
    }
}

fn print(options: &ScanOptions, text: &str) -> Result<()> {
    if let Some(path) = &options.output {
        return write_whole(path, text);
    }
    Ok(out::print(text)?)
}

/// Writes a file, whole or not at all.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
        .with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    file.persist(path)
        .with_context(|| path.display().to_string())?;
    Ok(())
}

/// A bar on a terminal, nothing elsewhere.
fn progress(files: usize) -> ProgressBar {
    if files < 20 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(files as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} files") {
        bar.set_style(style);
    }
    bar
}
