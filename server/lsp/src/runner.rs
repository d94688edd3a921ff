//! Cells that the agent asks for, in a session of their own: what the user's session holds stays as it is.

use std::sync::Arc;

use futures::future::BoxFuture;
use metascript_assist::tasks::CellRunner;
use metascript_sandbox::{
    CellSource, Content, Engine, Event, InterruptHandle, Language, Limits, Session, Status,
};
use metascript_security::{DocumentScanner, Setup};
use metascript_syntax::{Cell, Document};
use tokio::sync::oneshot;

/// Longest output that a model gets to see, in bytes.
const MAX_OUTPUT: usize = 16 * 1024;

/// Where cells run: an engine that is made when it is first needed, and limits.
#[derive(Clone)]
pub struct Sandbox {
    engine: Arc<dyn Fn() -> Result<Engine, String> + Send + Sync>,
    limits: Limits,
}

impl Sandbox {
    /// An engine that `engine` makes or finds, and what one cell may use.
    pub fn new(
        engine: impl Fn() -> Result<Engine, String> + Send + Sync + 'static,
        limits: Limits,
    ) -> Self {
        Self {
            engine: Arc::new(engine),
            limits,
        }
    }
}

/// Runs cells of scripts that are not the user's text yet. What the policy blocks is not run.
pub struct SandboxRunner {
    sandbox: Sandbox,
    setup: Arc<Setup>,
}

impl SandboxRunner {
    /// A runner under a policy.
    pub fn new(sandbox: Sandbox, setup: Arc<Setup>) -> Self {
        Self { sandbox, setup }
    }
}

/// Stops the cell when nobody waits for it any more.
struct Stop(Option<InterruptHandle>);

impl Drop for Stop {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.interrupt();
        }
    }
}

impl CellRunner for SandboxRunner {
    /// The cells above run first, so that their variables are there; the output is that of the last one.
    fn run(&self, document: Document, cell: usize) -> BoxFuture<'_, Result<String, String>> {
        Box::pin(async move {
            let (sandbox, setup) = (self.sandbox.clone(), Arc::clone(&self.setup));
            let (tell, interrupt) = oneshot::channel();
            let work = tokio::task::spawn_blocking(move || {
                let planned = plan(&document, cell, &setup)?;
                let mut session = (sandbox.engine)()?.session(sandbox.limits.clone());
                if tell.send(session.interrupt_handle()).is_err() {
                    return Err("interrupted".to_owned());
                }
                session.declare(&metascript_sandbox::declared(&document));
                evaluate(&mut session, &document, &planned)
            });
            let mut stop = Stop(interrupt.await.ok());
            let done = work.await;
            stop.0 = None;
            done.unwrap_or_else(|_| Err("the cell could not be run".to_owned()))
        })
    }
}

/// The cells up to the wanted one that have a runtime; the policy is asked first.
fn plan(document: &Document, wanted: usize, setup: &Arc<Setup>) -> Result<Vec<Cell>, String> {
    let cells = document.cells();
    let count = cells.len();
    let Some(last) = cells.get(wanted) else {
        return Err(format!(
            "there is no cell {wanted}; the script has {count}, from 0"
        ));
    };
    if Language::from_name(last.language.as_str()).is_none() {
        return Err(format!("{} has no runtime here", last.language.as_str()));
    }
    let findings = DocumentScanner::new(Arc::clone(setup)).scan(document);
    for cell in cells.iter().take(wanted + 1) {
        // What nobody has read yet has to pass what a scan has to pass.
        let blocked = findings.iter().find(|finding| {
            (setup.policy.blocks(finding) || setup.policy.fails(finding))
                && cell.range.start <= finding.range.start
                && finding.range.end <= cell.range.end
        });
        if let Some(finding) = blocked {
            return Err(format!(
                "cell {} is not run, the policy blocks it: {}: {}",
                cell.index, finding.rule.id, finding.message
            ));
        }
    }
    let runs = |cell: &Cell| Language::from_name(cell.language.as_str()).is_some();
    Ok(cells.into_iter().take(wanted + 1).filter(runs).collect())
}

fn evaluate(session: &mut Session, document: &Document, cells: &[Cell]) -> Result<String, String> {
    let mut output = String::new();
    for cell in cells {
        let Some(source) = CellSource::of_script(cell, document, "script") else {
            continue;
        };
        output.clear();
        let outcome = session
            .evaluate(&source, &mut |event| take(&mut output, event))
            .map_err(|error| error.to_string())?;
        if outcome.status != Status::Ok {
            return Err(format!(
                "cell {}: {:?}\n{output}",
                cell.index, outcome.status
            ));
        }
    }
    if output.is_empty() {
        output.push_str("no output");
    }
    Ok(output)
}

fn take(output: &mut String, event: Event) {
    let text = match event {
        Event::Stream { text, .. } => text,
        Event::Display(bundle) | Event::Result(bundle) => {
            let plain =
                bundle
                    .representations
                    .into_iter()
                    .find_map(|(name, content)| match content {
                        Content::Text(text) if name == "text/plain" => Some(text),
                        _ => None,
                    });
            plain.map(|text| text + "\n").unwrap_or_default()
        }
        Event::Error(error) => error.traceback,
        _ => return,
    };
    if output.len() < MAX_OUTPUT {
        let mut end = text.len().min(MAX_OUTPUT - output.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        output.push_str(text.get(..end).unwrap_or_default());
    }
}
