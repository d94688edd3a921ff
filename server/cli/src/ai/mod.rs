//! `metascript ai`.

mod args;
mod commands;
mod report;
mod search;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use metascript_analysis::project;
use metascript_assist::Assist;
use metascript_lsp::open_assistant;
use metascript_syntax::Document;
use tokio::runtime::Builder;

pub(crate) use args::AiOptions;
use args::{AiCommand, CacheAction, ConsentAction};

use crate::change::tell;
use crate::exit::Exit;
use crate::files;

/// Scripts of the workspace that the built-in completer reads.
const MAX_LEARNED: usize = 2000;

/// Largest script that is read, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

pub(crate) fn ai(options: AiOptions) -> Result<Exit> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    runtime.block_on(run(options.command))
}

async fn run(command: AiCommand) -> Result<Exit> {
    match command {
        AiCommand::Complete(place) => commands::complete(&place).await,
        AiCommand::ExplainRequest(place) => commands::explain_request(&place).await,
        AiCommand::Generate {
            sentence,
            output,
            apply,
        } => commands::generate(sentence, &output, apply).await,
        AiCommand::Explain(place) => commands::explain(&place).await,
        AiCommand::Fix(place) => commands::fix(&place).await,
        AiCommand::Review { file } => commands::review(&file).await,
        AiCommand::Tests(place) => commands::tests(&place).await,
        AiCommand::Document(place) => commands::document(&place).await,
        AiCommand::Optimise(place) => commands::optimise(&place).await,
        AiCommand::Translate {
            file,
            cell,
            to,
            apply,
        } => commands::translate(&file, cell, &to, apply).await,
        AiCommand::Agent {
            file,
            goal,
            steps,
            max_cost,
            no_run,
            apply,
        } => {
            let bounds = commands::Bounds {
                steps,
                max_cost,
                run: !no_run,
            };
            commands::agent(&file, goal, bounds, apply).await
        }
        AiCommand::Search {
            question,
            count,
            format,
        } => search::search(&question, count, format).await,
        AiCommand::Cache { action } => {
            let bench = Bench::in_folder(Path::new(".")).await?;
            match action {
                CacheAction::Stats => report::cache(&bench.assist),
                CacheAction::Clear => {
                    bench
                        .assist
                        .clear_cache()
                        .context("the cache could not be emptied")?;
                    Ok(Exit::Clean)
                }
            }
        }
        AiCommand::Stats { format } => {
            let bench = Bench::in_folder(Path::new(".")).await?;
            report::stats(&bench.assist, format)
        }
        AiCommand::Consent { action } => {
            let bench = Bench::in_folder(Path::new(".")).await?;
            match action {
                ConsentAction::Show => report::consent(&bench.assist),
                ConsentAction::Allow { address } => {
                    bench
                        .assist
                        .grant_consent(&address)
                        .context("the consent could not be kept")?;
                    Ok(Exit::Clean)
                }
                ConsentAction::Withdraw => {
                    bench
                        .assist
                        .withdraw_consent()
                        .context("the consent could not be withdrawn")?;
                    Ok(Exit::Clean)
                }
            }
        }
    }
}

/// The project around a folder, else the folder itself.
pub(crate) fn root_of(folder: &Path) -> PathBuf {
    project::settings_file(&folder.join("x"))
        .and_then(|file| file.parent().map(Path::to_owned))
        .unwrap_or_else(|| folder.to_owned())
}

/// The assistant of a workspace.
struct Bench {
    assist: Arc<Assist>,
    root: PathBuf,
}

impl Bench {
    /// The assistant of the project around a folder.
    async fn in_folder(folder: &Path) -> Result<Self> {
        let root = root_of(&std::path::absolute(folder).context("the folder is not known")?);
        let (assist, problems) = open_assistant(&root, None).await;
        for problem in problems {
            tell(&format!("warning: {problem}"));
        }
        Ok(Self { assist, root })
    }

    /// The assistant for a script, which has read the other scripts of the project.
    async fn for_script(file: &Path) -> Result<Self> {
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let bench = Self::in_folder(folder).await?;
        let own = std::path::absolute(file).context("the file is not known")?;
        for path in project::scripts(&bench.root)
            .filter_map(Result::ok)
            .filter(|path| *path != own)
            .take(MAX_LEARNED)
        {
            if let Ok(text) = files::read(&path, MAX_BYTES) {
                bench.assist.learn(&bench.name(&path), &text);
            }
        }
        Ok(bench)
    }

    /// What the assistant calls a file: its path below the root, with `/`.
    fn name(&self, path: &Path) -> String {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let below = absolute.strip_prefix(&self.root).unwrap_or(&absolute);
        below
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/")
    }

    /// Says what went wrong with providers.
    fn tell_notices(&self) {
        for notice in self.assist.take_notices() {
            tell(&format!("warning: {notice}"));
        }
    }
}

/// Reads a script.
fn read(file: &Path) -> Result<(String, Document)> {
    let text = files::read(file, MAX_BYTES).map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let document = Document::parse(&text);
    Ok((text, document))
}

/// The byte offset of a place that is counted from 1; the end of the line or of the script where it is past that.
fn offset(document: &Document, (line, column): (usize, usize)) -> usize {
    let rope = document.rope();
    if line > rope.len_lines() {
        return rope.len_bytes();
    }
    let start = rope.line_to_byte(line - 1);
    let text = rope.line(line - 1).to_string();
    let text = text.trim_end_matches(['\n', '\r']);
    let within = text
        .char_indices()
        .nth(column - 1)
        .map_or(text.len(), |(at, _)| at);
    start + within
}
