//! `metascript/aiOutput`: what a command does, while it does it.

use std::sync::Arc;

use metascript_assist::tasks::TaskEvent;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp_server::gen_lsp_types::{LspNotificationMethod, MessageDirection, Notification};

use crate::state::State;

/// The parameters of the notification.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AiOutputParams {
    /// The `stream` of the command's argument.
    stream: String,
    event: Value,
}

/// The notification itself.
enum AiOutput {}

impl Notification for AiOutput {
    type Params = AiOutputParams;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("metascript/aiOutput");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// The events of one command, for the client that asked for them.
pub(super) struct Stream {
    state: Arc<State>,
    name: Option<String>,
}

impl Stream {
    /// Nothing is sent without a name.
    pub(super) fn new(state: &Arc<State>, name: Option<String>) -> Self {
        Self {
            state: Arc::clone(state),
            name,
        }
    }

    /// Sends words and steps; edits and refusals are the answer's.
    pub(super) async fn send(&self, event: &TaskEvent) {
        let Some(stream) = &self.name else { return };
        if matches!(event, TaskEvent::Edits { .. } | TaskEvent::Refused { .. }) {
            return;
        }
        let event = serde_json::to_value(event).unwrap_or_default();
        let stream = stream.clone();
        let params = AiOutputParams { stream, event };
        self.state
            .client
            .send_notification::<AiOutput>(params)
            .await;
    }
}
