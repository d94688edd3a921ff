//! What the F# compiler says about F# cells while somebody types: errors and warnings in the background, and answers to
//! questions about one place. No .NET is needed, and nothing runs.
//!
//! `desk` is the thread that asks the compiler, `known` what it has said. An edit is followed once typing pauses.

mod desk;
mod known;

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use metascript_analysis::{Cancellable, Runnable};
use metascript_sandbox::{Engine, FSharpDiagnostic, FSharpEditor, FSharpScript};
use metascript_syntax::Language;
use rustc_hash::FxHasher;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tower_lsp_server::gen_lsp_types::Uri;

use self::desk::Desk;
use self::known::Known;
use crate::state::{Query, State};

/// How long typing must pause before cells are checked.
const PAUSE: Duration = Duration::from_millis(200);
/// Who never pauses sees errors all the same, so late.
const LONGEST: Duration = Duration::from_secs(2);
/// What the compiler finds within this time is told together.
const TOGETHER: Duration = Duration::from_millis(60);
/// An answer about a place that comes later than this is of no use.
const PATIENCE: Duration = Duration::from_secs(3);

/// Of a script with more F# cells, the first ones are looked at.
const MOST_CELLS: usize = 200;
/// And of one with more F#, in bytes, the first cells within that.
const MOST_CODE: usize = 1 << 20;

/// The result of the last cell, whatever it is.
const LAST_RESULT: &str = "_last_result";

/// The F# cells of a document.
pub(crate) struct Sheet {
    script: Arc<FSharpScript>,
    cells: Vec<SheetCell>,
}

/// One of them.
struct SheetCell {
    /// Its code in the document, in bytes.
    range: Range<usize>,
    /// Equal for equal code below equal cells.
    key: u64,
}

/// A place in an F# cell.
pub(crate) struct Place {
    pub(crate) script: Arc<FSharpScript>,
    /// The number of the cell among the F# cells.
    pub(crate) cell: usize,
    /// Where in its code, in bytes.
    pub(crate) offset: usize,
    /// Where its code begins in the document, in bytes.
    pub(crate) start: usize,
}

/// The service.
pub(crate) struct FSharp {
    desk: Arc<Desk>,
    known: Arc<Known>,
    edits: UnboundedSender<String>,
    /// The project has switched the checks off.
    off: AtomicBool,
}

/// Where the service hears of edits and of what the compiler found.
pub(crate) struct Ears {
    edits: UnboundedReceiver<String>,
    found: UnboundedReceiver<String>,
}

impl FSharp {
    pub(crate) fn new() -> (Self, Ears) {
        let (edits, heard) = unbounded_channel();
        let (tell, found) = unbounded_channel();
        let known = Arc::new(Known::default());
        let service = Self {
            desk: Arc::new(Desk::new(Arc::clone(&known), tell)),
            known,
            edits,
            off: AtomicBool::new(false),
        };
        let ears = Ears {
            edits: heard,
            found,
        };
        (service, ears)
    }

    /// Takes the project's word on the checks; an editor's own word holds beside it.
    pub(crate) fn set_project(&self, diagnostics: Option<bool>) {
        self.off
            .store(diagnostics == Some(false), Ordering::Relaxed);
    }

    fn checks(&self, state: &State) -> bool {
        state.options().fsharp.diagnostics && !self.off.load(Ordering::Relaxed)
    }

    /// A document was opened or changed.
    pub(crate) fn edited(&self, name: &str) {
        // The receiver only goes away with the server.
        let _ = self.edits.send(name.to_owned());
    }

    /// Forgets a closed document.
    pub(crate) fn close(&self, name: &str) {
        self.desk.drop_plan(name);
        self.known.forget(name);
    }

    /// What is known about the F# cells of a document, with ranges in the document.
    pub(crate) fn diagnostics(
        &self,
        query: &Query<'_>,
    ) -> Cancellable<Vec<(Range<usize>, FSharpDiagnostic)>> {
        if !self.checks(query.state) || !self.known.knows(query.name) {
            return Ok(Vec::new());
        }
        let sheet = sheet(query)?;
        let found = self.known.shown(query.name, &sheet);
        let placed = found.into_iter().filter_map(|(cell, one)| {
            let start = sheet.cells.get(cell)?.range.start;
            Some((start + one.range.start..start + one.range.end, one))
        });
        Ok(placed.collect())
    }

    /// Asks the compiler about a place. `None` when it is not ready, or takes too long.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        state: &State,
        work: impl FnOnce(&FSharpEditor) -> T + Send + 'static,
    ) -> Option<T> {
        if !self.desk.start(state.sessions.make_engine()) {
            return None;
        }
        let (reply, answer) = oneshot::channel();
        self.desk.question(Box::new(move |editor| {
            // The client may have typed on.
            if !reply.is_closed() {
                let _ = reply.send(work(editor));
            }
        }));
        tokio::time::timeout(PATIENCE, answer).await.ok()?.ok()
    }
}

impl Drop for FSharp {
    fn drop(&mut self) {
        self.desk.close();
    }
}

/// Starts what follows edits and tells of results, for as long as the server lives.
pub(crate) fn listen(state: &Arc<State>, ears: Ears) {
    tokio::spawn(follow(Arc::downgrade(state), ears.edits));
    tokio::spawn(tell(Arc::downgrade(state), ears.found));
}

async fn follow(state: Weak<State>, mut edits: UnboundedReceiver<String>) {
    while let Some(first) = edits.recv().await {
        let mut names = HashSet::from([first]);
        let since = Instant::now();
        while since.elapsed() < LONGEST {
            match tokio::time::timeout(PAUSE, edits.recv()).await {
                Ok(Some(name)) => names.insert(name),
                Ok(None) => return,
                Err(_) => break,
            };
        }
        let Some(state) = state.upgrade() else { return };
        if !state.fsharp.checks(&state) {
            continue;
        }
        for name in names {
            match state.query(&Uri(name.clone()), sheet).await {
                Ok(Some(sheet)) if !sheet.cells.is_empty() || state.fsharp.known.knows(&name) => {
                    let service = &state.fsharp;
                    service.known.align(&name, &sheet);
                    service.desk.plan(&name, &sheet, &service.known);
                    service.desk.start(state.sessions.make_engine());
                }
                Ok(_) => {}
                // Other files changed meanwhile, or this one.
                Err(_) => state.fsharp.edited(&name),
            }
        }
    }
}

async fn tell(state: Weak<State>, mut found: UnboundedReceiver<String>) {
    while let Some(first) = found.recv().await {
        tokio::time::sleep(TOGETHER).await;
        let mut names = HashSet::from([first]);
        while let Ok(more) = found.try_recv() {
            names.insert(more);
        }
        let Some(state) = state.upgrade() else { return };
        state.diagnostics_changed(names).await;
    }
}

/// The F# cells of a document, and what they see.
pub(crate) fn sheet(query: &Query<'_>) -> Cancellable<Sheet> {
    let document = &query.open.document;
    let mut codes: Vec<Arc<str>> = Vec::new();
    let mut cells = Vec::new();
    let mut size = 0;
    for info in query.analysis.cells(query.file)? {
        let cell = info.cell;
        if cell.language != Language::FSharp || info.runnable == Runnable::Empty {
            continue;
        }
        size += cell.code.len();
        if cells.len() >= MOST_CELLS || size > MOST_CODE {
            break;
        }
        codes.push(document.slice(cell.code.clone()).into());
        cells.push(SheetCell {
            range: cell.code,
            key: 0,
        });
    }
    let mut script = FSharpScript {
        shared: Vec::new(),
        cells: codes,
    };
    if !cells.is_empty() {
        let declared = metascript_sandbox::declared(document);
        let outside = query
            .analysis
            .names_from_outside(query.file, &Language::FSharp)?;
        let untyped: Vec<_> = outside
            .into_iter()
            .chain([LAST_RESULT.to_owned()])
            .filter(|name| declared.iter().all(|(known, _)| known != name))
            .map(|name| (name, None))
            .collect();
        let typed = declared
            .into_iter()
            .map(|(name, value)| (name, Some(value)));
        script.shared = typed.chain(untyped).collect();
    }
    let mut hasher = FxHasher::default();
    format!("{:?}", script.shared).hash(&mut hasher);
    for (cell, code) in cells.iter_mut().zip(&script.cells) {
        code.hash(&mut hasher);
        cell.key = hasher.finish();
    }
    Ok(Sheet {
        script: Arc::new(script),
        cells,
    })
}

/// The place in an F# cell that an offset in the document is.
pub(crate) fn place(query: &Query<'_>, offset: usize) -> Cancellable<Option<Place>> {
    // Most questions are asked elsewhere, and the sheet is made of all cells.
    if query.analysis.language_at(query.file, offset)? != Some(Language::FSharp) {
        return Ok(None);
    }
    let sheet = sheet(query)?;
    let within = |cell: &SheetCell| (cell.range.start..=cell.range.end).contains(&offset);
    let found = sheet.cells.iter().position(within);
    Ok(found.and_then(|cell| {
        let start = sheet.cells.get(cell)?.range.start;
        Some(Place {
            script: Arc::clone(&sheet.script),
            cell,
            offset: offset - start,
            start,
        })
    }))
}

/// Makes the engine of the process.
type MakeEngine = dyn FnOnce() -> Result<Engine, String> + Send;
