//! `metascript/staleCells`: tells the client which results no longer hold, after each run and each edit.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use metascript_analysis::freshness::{CellFace, Declared, Freshness, Runs};
use metascript_analysis::{Cancellable, CellInfo};
use metascript_sandbox::Value;
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tower_lsp_server::gen_lsp_types::{
    LspNotificationMethod, MessageDirection, Notification, Range, Uri,
};

use crate::convert;
use crate::output::VersionedDocument;
use crate::state::{Query, State};

/// What changes within this time is told together.
const DELAY: Duration = Duration::from_millis(100);

/// The parameters of the notification: all cells whose results no longer hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaleCellsParams {
    text_document: VersionedDocument,
    cells: Vec<StaleCell>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct StaleCell {
    cell: usize,
    range: Range,
    /// For people.
    because: String,
}

struct StaleCells;

impl Notification for StaleCells {
    type Params = StaleCellsParams;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("metascript/staleCells");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// What ran, by document, and whom to tell when that or a text has changed.
#[derive(Clone)]
pub(crate) struct RunLog {
    runs: Arc<Mutex<HashMap<String, Runs>>>,
    changed: UnboundedSender<String>,
}

impl RunLog {
    /// A log, and where the documents arrive that are to be looked at again.
    pub(crate) fn new() -> (Self, UnboundedReceiver<String>) {
        let (changed, receiver) = unbounded_channel();
        let runs = Arc::default();
        (Self { runs, changed }, receiver)
    }

    /// The cells of a document are about to run: those that ran before are found again.
    pub(crate) fn follow(&self, uri: &str, cells: &[CellFace]) {
        self.runs().entry(uri.to_owned()).or_default().follow(cells);
    }

    /// A cell has run.
    pub(crate) fn finished(
        &self,
        uri: &str,
        index: usize,
        face: &CellFace,
        declared: &[(String, Value)],
        ok: bool,
    ) {
        let declared = hashes(declared);
        self.runs()
            .entry(uri.to_owned())
            .or_default()
            .finished(index, face.clone(), &declared, ok);
        self.tell(uri);
    }

    /// The session is gone, and with it what the cells made.
    pub(crate) fn forget(&self, uri: &str) {
        if self.runs().remove(uri).is_some() {
            self.tell(uri);
        }
    }

    /// A text has changed.
    pub(crate) fn edited(&self, uri: &str) {
        if self.runs().contains_key(uri) {
            self.tell(uri);
        }
    }

    fn tell(&self, uri: &str) {
        // The receiver only goes away with the server; nobody is left to tell then.
        let _ = self.changed.send(uri.to_owned());
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, Runs>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What holds of the cells of a document.
    pub(crate) fn states(&self, query: &Query<'_>, cells: &[CellInfo]) -> Vec<Freshness> {
        let runs = self.runs();
        match runs.get(query.name).filter(|runs| !runs.is_empty()) {
            Some(runs) => runs.states(
                &faces(query, cells),
                &hashes(&metascript_sandbox::declared(&query.open.document)),
            ),
            None => vec![Freshness::Never; cells.len()],
        }
    }
}

/// The faces of a document's cells.
pub(crate) fn faces(query: &Query<'_>, cells: &[CellInfo]) -> Vec<CellFace> {
    cells
        .iter()
        .map(|info| CellFace::new(info, &query.open.document.slice(info.cell.code.clone())))
        .collect()
}

fn hashes(declared: &[(String, Value)]) -> Declared {
    declared
        .iter()
        .map(|(name, value)| {
            let mut hasher = FxHasher::default();
            format!("{value:?}").hash(&mut hasher);
            (name.clone(), hasher.finish())
        })
        .collect()
}

/// Looks at changed documents for as long as the server lives.
pub(crate) async fn watch(state: Weak<State>, mut changed: UnboundedReceiver<String>) {
    let mut told: HashMap<String, StaleCellsParams> = HashMap::new();
    while let Some(first) = changed.recv().await {
        tokio::time::sleep(DELAY).await;
        let mut names = HashSet::from([first]);
        while let Ok(more) = changed.try_recv() {
            names.insert(more);
        }
        let Some(state) = state.upgrade() else { return };
        for name in names {
            match state.query(&Uri(name.clone()), params).await {
                Ok(Some(params)) => {
                    let same = match told.get(&name) {
                        Some(before) => before.cells == params.cells,
                        None => params.cells.is_empty(),
                    };
                    if !same {
                        state
                            .client
                            .send_notification::<StaleCells>(params.clone())
                            .await;
                        told.insert(name, params);
                    }
                }
                // Closed, or too large.
                Ok(None) => {
                    told.remove(&name);
                }
                // The text changed meanwhile: the change has told so itself.
                Err(error) => tracing::debug!("{name}: {error}"),
            }
        }
    }
}

fn params(query: &Query<'_>) -> Cancellable<StaleCellsParams> {
    let cells = query.analysis.cells(query.file)?;
    let rope = query.open.document.rope();
    let states = query.state.run_log.states(query, &cells);
    let stale = cells.iter().zip(states).filter_map(|(info, state)| {
        let Freshness::Stale(cause) = state else {
            return None;
        };
        Some(StaleCell {
            cell: info.cell.index,
            range: convert::range(rope, &info.cell.range, query.encoding),
            because: cause.to_string(),
        })
    });
    Ok(StaleCellsParams {
        cells: stale.collect(),
        text_document: VersionedDocument {
            uri: query.name.to_owned(),
            version: query.open.version,
        },
    })
}
