//! `metascript fmt`.

use std::path::Path;

use anyhow::Result;
use metascript_syntax::Document;
use metascript_syntax::format::{self, FormatOptions};
use rayon::prelude::*;

use crate::args::FmtOptions;
use crate::change::{self, tell};
use crate::exit::{self, Exit};
use crate::files;

/// What formatting a file would do.
struct Formatted {
    path: std::path::PathBuf,
    before: String,
    after: String,
    /// Left alone because its structure is not known.
    broken: bool,
}

/// Formats files in place, or says what would change.
pub(crate) fn fmt(options: &FmtOptions) -> Result<Exit> {
    let (candidates, mut unreadable) = files::find(&options.paths);
    if candidates.is_empty() && unreadable.is_empty() {
        anyhow::bail!("no scripts found (.tars, .trsx, .flux, .metascript, .meta)");
    }
    let outcomes: Vec<_> = candidates
        .into_par_iter()
        .map(|candidate| formatted(&candidate.path, options.max_file_size))
        .collect();
    let mut exit = Exit::Clean;
    let mut changed = 0;
    for outcome in outcomes {
        match outcome {
            Ok(file) if file.broken => {
                exit = exit.max(Exit::Found);
                tell(&format!(
                    "{}: left as it is, because it has syntax errors (`metascript check` shows them)",
                    file.path.display()
                ));
            }
            Ok(file) if file.before == file.after => {}
            Ok(file) => {
                changed += 1;
                if options.diff {
                    match change::print_diff(&file.path, &file.before, &file.after) {
                        Err(error) if exit::is_closed_pipe(&error) => return Ok(exit),
                        other => other?,
                    }
                }
                if options.check || options.diff {
                    exit = exit.max(Exit::Found);
                    if options.check && !options.diff {
                        tell(&format!("{}: would be formatted", file.path.display()));
                    }
                } else {
                    change::replace(&file.path, &file.after)?;
                }
            }
            Err(failure) => unreadable.push(failure),
        }
    }
    for failure in &unreadable {
        tell(&format!("error: {failure}"));
    }
    if !options.check && !options.diff && changed > 0 {
        let plural = if changed == 1 { "" } else { "s" };
        tell(&format!("{changed} file{plural} formatted"));
    }
    Ok(if unreadable.is_empty() {
        exit
    } else {
        Exit::CouldNot
    })
}

fn formatted(path: &Path, max_bytes: u64) -> Result<Formatted, files::Unreadable> {
    let before = files::read(path, max_bytes)?;
    let document = Document::parse(&before);
    let edits = format::document(&document, &style(path));
    Ok(Formatted {
        path: path.to_owned(),
        after: format::applied(&document, &edits),
        broken: !document.syntax_errors().is_empty(),
        before,
    })
}

/// What the `.editorconfig` files over a script ask for.
fn style(path: &Path) -> FormatOptions {
    let Ok(properties) = ec4rs::properties_of(path) else {
        return FormatOptions::default();
    };
    FormatOptions::from_editorconfig(
        properties
            .iter()
            .map(|(key, value)| (key, value.into_str())),
    )
}
