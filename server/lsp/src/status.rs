//! `metascript/sessionStatus`: what a session is doing.

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tower_lsp_server::Client;
use tower_lsp_server::gen_lsp_types::{LspNotificationMethod, MessageDirection, Notification};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SessionState {
    Idle,
    Busy,
    Restarted,
    Ended,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionStatusParams {
    uri: String,
    state: SessionState,
}

struct SessionStatus;

impl Notification for SessionStatus {
    type Params = SessionStatusParams;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("metascript/sessionStatus");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Where sessions report; sending never waits.
#[derive(Clone)]
pub(crate) struct StatusSender(UnboundedSender<SessionStatusParams>);

impl StatusSender {
    /// Starts the task that forwards states for as long as a sender lives.
    pub(crate) fn start(client: Client) -> Self {
        let (sender, mut receiver) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(params) = receiver.recv().await {
                client.send_notification::<SessionStatus>(params).await;
            }
        });
        Self(sender)
    }

    pub(crate) fn send(&self, uri: &str, state: SessionState) {
        // The receiver only goes away with the runtime; nobody is left to tell then.
        let _ = self.0.send(SessionStatusParams {
            uri: uri.to_owned(),
            state,
        });
    }
}
