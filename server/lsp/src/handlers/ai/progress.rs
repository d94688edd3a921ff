//! That a command runs, and how the user stops it: `$/progress` and `window/workDoneProgress/cancel`.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashmap::DashMap;
use tokio::sync::Notify;
use tower_lsp_server::gen_lsp_types::{ProgressToken, WorkDoneProgressCancelParams};
use tower_lsp_server::jsonrpc::{Error, Result};
use tower_lsp_server::{Cancellable, OngoingProgress, Unbounded};

use crate::state::State;

/// Commands that the user may stop, by the token of their progress.
#[derive(Default)]
pub(crate) struct Running {
    stops: DashMap<String, Arc<Notify>>,
    next: AtomicU64,
    /// Held by a search.
    pub(super) searching: tokio::sync::Mutex<()>,
}

type Shown = OngoingProgress<Unbounded, Cancellable>;

/// The progress of one command. Dropped early, it ends what the client shows.
pub(super) struct Progress {
    state: Arc<State>,
    token: Option<String>,
    stop: Arc<Notify>,
    shown: Option<Shown>,
}

/// Begins to show progress: on the client's token, or on one of our own where nobody else shows anything (`create`).
pub(super) async fn begin(
    state: &Arc<State>,
    given: Option<ProgressToken>,
    title: &str,
    create: bool,
) -> Progress {
    let mut progress = Progress {
        state: Arc::clone(state),
        token: None,
        stop: Arc::default(),
        shown: None,
    };
    let token = match given {
        Some(token) => token,
        None if create && state.features().progress => {
            let number = state.ai.next.fetch_add(1, Ordering::Relaxed);
            let token = ProgressToken::String(format!("metascript/ai/{number}"));
            let made = state.client.create_work_done_progress(token.clone()).await;
            if made.is_err() {
                return progress;
            }
            token
        }
        None => return progress,
    };
    let name = key(&token);
    let stop = Arc::clone(&progress.stop);
    state.ai.stops.insert(name.clone(), stop);
    progress.token = Some(name);
    let shown = state.client.progress(token, title).with_cancel_button();
    progress.shown = Some(shown.begin().await);
    progress
}

/// `window/workDoneProgress/cancel`.
pub(crate) fn cancel(state: &State, params: &WorkDoneProgressCancelParams) {
    if let Some(stop) = state.ai.stops.get(&key(&params.token)) {
        stop.notify_one();
    }
}

fn key(token: &ProgressToken) -> String {
    match token {
        ProgressToken::Int(number) => number.to_string(),
        ProgressToken::String(text) => format!("\"{text}"),
    }
}

impl Progress {
    /// Says what is being done.
    pub(super) async fn report(&self, message: String) {
        if let Some(shown) = &self.shown {
            shown.report_with_message(message, None).await;
        }
    }

    /// Does work until the user stops it; stopping drops it, and with it its connection.
    pub(super) async fn unless_cancelled<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        tokio::select! {
            answer = work => answer,
            () = self.stop.notified() => Err(Error::request_cancelled()),
        }
    }

    pub(super) async fn end(mut self) {
        if let Some(shown) = self.shown.take() {
            shown.finish().await;
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            self.state.ai.stops.remove(token);
        }
        // `$/cancelRequest` drops the command; what the client shows ends nevertheless.
        if let Some(shown) = self.shown.take() {
            tokio::spawn(shown.finish_with_message("cancelled"));
        }
    }
}
