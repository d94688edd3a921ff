//! What is asked for first runs first.
//!
//! A command works out on another thread which cells it runs, so a later command may be ready before an earlier one.
//! Each takes a turn when it arrives, and queues its cells when the turns before it are over.

use std::cell::RefCell;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

tokio::task_local! {
    static TURN: RefCell<Option<Turn>>;
}

/// The turns of a server.
#[derive(Default)]
pub(crate) struct Turns {
    last: Mutex<Option<oneshot::Receiver<()>>>,
}

/// A place in the order. The next turn comes when this one is dropped.
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _over: oneshot::Sender<()>,
}

impl Turns {
    /// The next turn. Called for each command as it arrives.
    pub(crate) fn take(&self) -> Turn {
        let (over, next) = oneshot::channel();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        Turn {
            before: last.replace(next),
            _over: over,
        }
    }
}

impl Turn {
    /// Waits until every earlier turn is over.
    pub(crate) async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing is ever sent: the end of the turn before is the end of its sender.
            let _ = before.await;
        }
    }

    /// Runs a request with this turn, which [`current`] gives it.
    pub(crate) fn with<F: Future>(self, request: F) -> impl Future<Output = F::Output> {
        TURN.scope(RefCell::new(Some(self)), request)
    }
}

/// The turn of the request in hand, once. Kept until the request ends if nobody asks.
pub(crate) fn current() -> Option<Turn> {
    TURN.try_with(RefCell::take).ok().flatten()
}
