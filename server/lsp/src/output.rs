//! `metascript/cellOutput`: the events of a run, on their way to the client.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout_at};
use tower_lsp_server::Client;
use tower_lsp_server::gen_lsp_types::{
    LspNotificationMethod, MessageDirection, Notification, Range,
};

use crate::kept::Keeper;

/// Pieces of one stream that arrive within this time travel together.
const JOIN_FOR: Duration = Duration::from_millis(16);

/// Joined text is sent once it reaches this many bytes, whatever the clock says.
const JOIN_BYTES: usize = 64 * 1024;

/// Which cell of which version of which document an event belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CellRun {
    pub(crate) text_document: VersionedDocument,
    pub(crate) cell: usize,
    pub(crate) run: u64,
    pub(crate) language: String,
    pub(crate) range: Range,
    /// Names the code, where outputs are kept; see [`crate::kept::key`].
    #[serde(skip)]
    pub(crate) code: String,
}

/// A document at a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VersionedDocument {
    pub(crate) uri: String,
    pub(crate) version: i32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub(crate) enum CellEvent {
    Queued,
    Started,
    Stream {
        name: StreamName,
        text: String,
    },
    Display {
        data: BTreeMap<String, serde_json::Value>,
    },
    Result {
        data: BTreeMap<String, serde_json::Value>,
    },
    Error {
        name: String,
        message: String,
        traceback: String,
        line: Option<u32>,
    },
    #[serde(rename_all = "camelCase")]
    Finished {
        status: CellStatus,
        duration_us: u64,
        /// Variables that went with the cell's runtime.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<String>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum StreamName {
    Stdout,
    Stderr,
}

/// How a cell ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CellStatus {
    Ok,
    Failed,
    Interrupted,
    TimedOut,
    OutOfMemory,
}

impl CellEvent {
    /// Bytes of what it carries for people, nearly.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Queued | Self::Started | Self::Finished { .. } => 0,
            Self::Stream { text, .. } => text.len(),
            Self::Display { data } | Self::Result { data } => data
                .values()
                .map(|value| value.as_str().map_or(0, str::len))
                .sum(),
            Self::Error {
                message, traceback, ..
            } => message.len() + traceback.len(),
        }
    }
}

/// The parameters of the notification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CellOutputParams {
    #[serde(flatten)]
    pub(crate) run: CellRun,
    pub(crate) event: CellEvent,
}

/// The notification itself.
pub(crate) struct CellOutput;

impl Notification for CellOutput {
    type Params = CellOutputParams;
    const METHOD: LspNotificationMethod<'static> =
        LspNotificationMethod::new("metascript/cellOutput");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

/// Where sessions put their events; sending never waits.
#[derive(Clone)]
pub(crate) struct OutputSender(UnboundedSender<CellOutputParams>);

impl OutputSender {
    /// Starts the task that joins and forwards events for as long as a sender lives.
    pub(crate) fn start(client: Client, keeper: Arc<OnceLock<Keeper>>) -> Self {
        let (sender, receiver) = unbounded_channel();
        tokio::spawn(forward(client, keeper, receiver));
        Self(sender)
    }

    pub(crate) fn send(&self, run: &CellRun, event: CellEvent) {
        // The receiver only goes away when the runtime shuts down; nobody is left to tell then.
        let _ = self.0.send(CellOutputParams {
            run: run.clone(),
            event,
        });
    }
}

async fn forward(
    client: Client,
    keeper: Arc<OnceLock<Keeper>>,
    mut receiver: UnboundedReceiver<CellOutputParams>,
) {
    let mut waiting = None;
    loop {
        let next = match waiting.take() {
            Some(next) => next,
            None => match receiver.recv().await {
                Some(next) => next,
                None => return,
            },
        };
        let (joined, after) = join(next, &mut receiver).await;
        if let Some(keeper) = keeper.get() {
            keeper.event(&joined);
        }
        client.send_notification::<CellOutput>(joined).await;
        waiting = after;
    }
}

/// Adds to a stream event what follows of the same stream within [`JOIN_FOR`].
async fn join(
    mut first: CellOutputParams,
    receiver: &mut UnboundedReceiver<CellOutputParams>,
) -> (CellOutputParams, Option<CellOutputParams>) {
    let deadline = Instant::now() + JOIN_FOR;
    loop {
        let CellEvent::Stream { name, text } = &mut first.event else {
            return (first, None);
        };
        if text.len() >= JOIN_BYTES {
            return (first, None);
        }
        match timeout_at(deadline, receiver.recv()).await {
            Ok(Some(next)) => match &next.event {
                CellEvent::Stream {
                    name: same,
                    text: more,
                } if same == name && next.run.run == first.run.run => text.push_str(more),
                _ => return (first, Some(next)),
            },
            Ok(None) | Err(_) => return (first, None),
        }
    }
}
