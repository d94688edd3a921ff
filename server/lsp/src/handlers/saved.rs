//! `textDocument/didSave`: runs the stale cells, where the client asked for that (`run.onSave`).

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::execute_command::{Argument, RUN_STALE, plan};
use crate::state::State;

/// How often a saved script looks whether its session is idle.
const LOOK: Duration = Duration::from_millis(100);

/// Runs the stale cells of a script that was saved, when what runs is over. Saves meanwhile are one.
pub(crate) async fn handle(state: &Arc<State>, uri: &str) {
    let run = &state.options().run;
    if !run.on_save || !run.enabled || !state.saved.begin(uri) {
        return;
    }
    while state.sessions.is_busy(uri) {
        tokio::time::sleep(LOOK).await;
    }
    state.saved.end(uri);
    let argument = Argument {
        uri: uri.to_owned(),
        cell: None,
        position: None,
    };
    match plan(state, RUN_STALE, argument).await {
        Ok(planned) if planned.cells.is_empty() => {}
        Ok(planned) => {
            let (ticket, summary) = state.sessions.run(&planned.uri, planned.cells);
            let _ = summary.await;
            drop(ticket);
        }
        Err(error) => tracing::warn!("{uri} was saved, but its cells do not run: {error}"),
    }
}

/// Scripts that were saved and wait for their session.
#[derive(Default)]
pub(crate) struct Saved(Mutex<HashSet<String>>);

impl Saved {
    /// `false` when the script waits already.
    fn begin(&self, uri: &str) -> bool {
        self.lock().insert(uri.to_owned())
    }

    fn end(&self, uri: &str) {
        self.lock().remove(uri);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
