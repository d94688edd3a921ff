//! One answer on its way, shared by everybody who can use it: the request that started it and the keystrokes that
//! follow what it says.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::error::AiError;

/// What has arrived so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrived {
    pub(super) text: String,
    pub(super) provider: String,
    /// The end, and how it ended.
    pub(super) ended: Option<Result<(), AiError>>,
}

/// An answer on its way.
pub(super) struct Flight {
    pub(super) before: Arc<str>,
    pub(super) after: Arc<str>,
    pub(super) arrived: watch::Receiver<Arrived>,
    abort: AbortHandle,
}

impl Flight {
    pub(super) fn new(
        before: &str,
        after: &str,
        arrived: watch::Receiver<Arrived>,
        abort: AbortHandle,
    ) -> Self {
        Self {
            before: before.into(),
            after: after.into(),
            arrived,
            abort,
        }
    }

    /// What was typed since the answer was asked for, if the answer so far agrees with it.
    pub(super) fn typed<'b>(&self, before: &'b str, after: &str) -> Option<&'b str> {
        let typed = before.strip_prefix(&*self.before)?;
        if *self.after != *after {
            return None;
        }
        let arrived = self.arrived.borrow();
        let agrees = match arrived.ended {
            // An answer that was typed to its end has nothing more to say.
            Some(Ok(())) => arrived.text.len() > typed.len() && arrived.text.starts_with(typed),
            Some(Err(_)) => false,
            None => arrived.text.starts_with(typed) || typed.starts_with(&arrived.text),
        };
        agrees.then_some(typed)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // Nobody can use the answer any more: the connection closes.
        self.abort.abort();
    }
}
