//! The commands of `metascript ai` that work on a script.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use anyhow::{Result, bail};
use futures::StreamExt;
use metascript_analysis::{AnalysisHost, project};
use metascript_assist::InlineRequest;
use metascript_assist::context::Scope;
use metascript_assist::tasks::{
    AgentLimits, AgentRequest, CellRunner, Command, CommandRequest, ScriptEdit, TaskEvent,
    TaskStream,
};
use metascript_lsp::{Sandbox, SandboxRunner, user_settings};
use metascript_sandbox::{Engine, EngineOptions, Limits};
use metascript_security::Setup;
use metascript_syntax::{Document, TextEdit};
use serde_json::json;

use super::args::{Edited, Placed};
use super::{Bench, offset, read};
use crate::args::Format;
use crate::change::{self, tell};
use crate::exit::Exit;

async fn request(place: &Placed) -> Result<(Bench, InlineRequest)> {
    let (_, document) = read(&place.file)?;
    let bench = Bench::for_script(&place.file).await?;
    let end = document.rope().len_bytes();
    let request = InlineRequest {
        name: bench.name(&place.file),
        offset: place.at.map_or(end, |at| offset(&document, at)),
        document,
        invoked: true,
        scope: Scope::default(),
    };
    Ok((bench, request))
}

pub(super) async fn complete(place: &Placed) -> Result<Exit> {
    let (bench, request) = request(place).await?;
    let candidates = bench.assist.inline(request).await;
    bench.tell_notices();
    let mut out = std::io::stdout().lock();
    for candidate in &candidates {
        match place.format {
            Format::Json => {
                let line = json!({ "text": candidate.text, "origin": candidate.origin });
                writeln!(out, "{line}")?;
            }
            Format::Human => writeln!(out, "// {}\n{}\n", candidate.origin, candidate.text)?,
        }
    }
    Ok(if candidates.is_empty() {
        Exit::Found
    } else {
        Exit::Clean
    })
}

pub(super) async fn explain_request(place: &Placed) -> Result<Exit> {
    let (bench, request) = request(place).await?;
    let previews = bench.assist.explain_request(&request);
    if previews.is_empty() {
        tell("no provider is configured for inline completion: nothing is ever sent");
    }
    let mut out = std::io::stdout().lock();
    for preview in previews {
        match place.format {
            Format::Json => writeln!(out, "{}", serde_json::to_string(&preview)?)?,
            Format::Human => {
                let leaves = if preview.leaves_this_machine {
                    "leaves this machine"
                } else {
                    "stays on this machine"
                };
                writeln!(out, "{}: POST {} ({leaves})", preview.provider, preview.url)?;
                for (name, value) in &preview.headers {
                    writeln!(out, "{name}: {value}")?;
                }
                writeln!(out, "\n{}\n", preview.body)?;
            }
        }
    }
    Ok(Exit::Clean)
}

pub(super) async fn generate(sentence: String, output: &Path, apply: bool) -> Result<Exit> {
    if output.exists() && apply {
        bail!(
            "{} exists; `metascript ai agent` changes a script that is there",
            output.display()
        );
    }
    let bench = Bench::for_script(output).await?;
    let request = CommandRequest {
        command: Command::Generate { sentence },
        name: bench.name(output),
        document: Document::parse(""),
        scope: Scope::default(),
    };
    let events = bench.assist.run_command(request);
    follow(&bench, events, output, "", apply).await
}

pub(super) async fn explain(place: &Placed) -> Result<Exit> {
    let (text, document) = read(&place.file)?;
    let end = document.rope().len_bytes();
    let range = place.at.map_or(0..end, |at| {
        let at = offset(&document, at);
        at..at
    });
    command(
        &place.file,
        Command::Explain { range },
        (text, document),
        false,
    )
    .await
}

/// The problem is what `metascript check` says about the place.
pub(super) async fn fix(place: &Edited) -> Result<Exit> {
    let (text, document) = read(&place.file)?;
    let at = offset(&document, place.at);
    let mut host = AnalysisHost::new();
    let file = host.set_file(&place.file, document.clone());
    let line = document.rope().byte_to_line(at);
    let diagnostics = host.snapshot().diagnostics(file).unwrap_or_default();
    let of_language = diagnostics
        .iter()
        .find(|one| document.rope().byte_to_line(one.range.start) == line)
        .map(|one| (one.range.clone(), one.message.clone()));
    let policy = metascript_security::Policy::default();
    let found = of_language.or_else(|| {
        metascript_security::scan_document(&document, &policy)
            .into_iter()
            .find(|one| document.rope().byte_to_line(one.range.start) == line)
            .map(|one| (one.range, one.message))
    });
    let Some((range, problem)) = found else {
        bail!(
            "nothing is wrong at {}:{}; `metascript check` and `metascript scan` list what is",
            place.file.display(),
            place.at.0
        );
    };
    let fix = Command::Fix { range, problem };
    command(&place.file, fix, (text, document), place.apply).await
}

pub(super) async fn review(file: &Path) -> Result<Exit> {
    command(file, Command::Review, read(file)?, false).await
}

pub(super) async fn tests(place: &Edited) -> Result<Exit> {
    edit(place, |range| Command::Tests { range }).await
}

pub(super) async fn document(place: &Edited) -> Result<Exit> {
    edit(place, |range| Command::Document { range }).await
}

pub(super) async fn optimise(place: &Edited) -> Result<Exit> {
    edit(place, |range| Command::Optimise { range }).await
}

pub(super) async fn translate(file: &Path, cell: usize, to: &str, apply: bool) -> Result<Exit> {
    let language = to.to_uppercase();
    command(
        file,
        Command::Translate { cell, language },
        read(file)?,
        apply,
    )
    .await
}

/// What the agent may do and use up.
pub(super) struct Bounds {
    pub(super) steps: u32,
    /// In US dollars.
    pub(super) max_cost: f64,
    /// Whether it may run cells in the sandbox.
    pub(super) run: bool,
}

/// Cells run as in `metascript run`, under the policy of the project.
fn runner(bench: &Bench) -> Arc<dyn CellRunner> {
    let (setup, faults) = Setup::load(
        user_settings().as_deref(),
        Some(&bench.root.join(project::SETTINGS_FILE)),
    );
    for fault in faults {
        tell(&format!("warning: {fault}"));
    }
    let engine = OnceLock::new();
    let made = move || -> Result<Engine, String> {
        engine
            .get_or_init(|| {
                Engine::new(EngineOptions::default()).map_err(|error| error.to_string())
            })
            .clone()
    };
    let sandbox = Sandbox::new(made, Limits::default());
    Arc::new(SandboxRunner::new(sandbox, Arc::new(setup)))
}

pub(super) async fn agent(file: &Path, goal: String, bounds: Bounds, apply: bool) -> Result<Exit> {
    let (text, document) = read(file)?;
    let bench = Bench::for_script(file).await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to a sum that a person may mean"
    )]
    let cost_micros = (bounds.max_cost.clamp(0.0, 1000.0) * 1e6) as u64;
    let request = AgentRequest {
        goal,
        name: bench.name(file),
        document,
        runner: bounds.run.then(|| runner(&bench)),
        limits: AgentLimits {
            steps: bounds.steps,
            cost_micros,
            ..AgentLimits::default()
        },
    };
    let events = bench.assist.run_agent(request);
    follow(&bench, events, file, &text, apply).await
}

async fn edit(place: &Edited, of: impl FnOnce(std::ops::Range<usize>) -> Command) -> Result<Exit> {
    let (text, document) = read(&place.file)?;
    let at = offset(&document, place.at);
    command(&place.file, of(at..at), (text, document), place.apply).await
}

async fn command(
    file: &Path,
    command: Command,
    (text, document): (String, Document),
    apply: bool,
) -> Result<Exit> {
    let bench = Bench::for_script(file).await?;
    let request = CommandRequest {
        command,
        name: bench.name(file),
        document,
        scope: Scope::default(),
    };
    let events = bench.assist.run_command(request);
    follow(&bench, events, file, &text, apply).await
}

/// Shows what a command does while it does it; its edits as a diff, or written.
async fn follow(
    bench: &Bench,
    mut events: TaskStream,
    file: &Path,
    before: &str,
    apply: bool,
) -> Result<Exit> {
    let mut exit = Exit::Clean;
    let mut spoken = false;
    while let Some(event) = events.next().await {
        match event? {
            TaskEvent::Step { message } => tell(&message),
            TaskEvent::Text { text } => {
                let mut out = std::io::stdout().lock();
                write!(out, "{text}")?;
                out.flush()?;
                spoken = true;
            }
            TaskEvent::Cost {
                provider,
                usage,
                micros,
            } => tracing::info!(provider, ?usage, micros, "spent"),
            TaskEvent::Edits { edits } => {
                let after = applied(before, &edits);
                if apply {
                    change::replace(file, &after)?;
                    tell(&format!("{} written", file.display()));
                } else {
                    change::print_diff(file, before, &after)?;
                }
            }
            TaskEvent::Refused { faults } => {
                tell("the proposal does not hold, and nothing was changed:");
                for fault in faults {
                    tell(&format!("  {fault}"));
                }
                exit = Exit::Found;
            }
        }
    }
    if spoken {
        writeln!(std::io::stdout().lock())?;
    }
    bench.tell_notices();
    Ok(exit)
}

fn applied(before: &str, edits: &[ScriptEdit]) -> String {
    let edits: Vec<TextEdit> = edits.iter().map(TextEdit::from).collect();
    Document::parse(before).edited(&edits).rope().to_string()
}
