//! `metascript/output`: what code that a client sent prints while it runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tower_lsp_server::Client;
use tower_lsp_server::gen_lsp_types::{LspNotificationMethod, MessageDirection, Notification};

/// An event of code that runs in the session of a script.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutputParams {
    uri: String,
    /// What the client called its request, if it did.
    token: Option<Value>,
    event: Value,
}

struct Output;

impl Notification for Output {
    type Params = OutputParams;
    const METHOD: LspNotificationMethod<'static> = LspNotificationMethod::new("metascript/output");
    const MESSAGE_DIRECTION: MessageDirection = MessageDirection::ServerToClient;
}

enum Item {
    Event(OutputParams),
    /// Answered when all before it is sent.
    Sent(oneshot::Sender<()>),
}

/// Where sessions put such events; sending never waits.
#[derive(Clone)]
pub(crate) struct OperationSender(UnboundedSender<Item>);

impl OperationSender {
    /// Starts the task that forwards events for as long as a sender lives.
    pub(crate) fn start(client: Client) -> Self {
        let (sender, mut receiver) = unbounded_channel();
        tokio::spawn(async move {
            while let Some(item) = receiver.recv().await {
                match item {
                    Item::Event(params) => client.send_notification::<Output>(params).await,
                    // Who asked may be gone.
                    Item::Sent(tell) => drop(tell.send(())),
                }
            }
        });
        Self(sender)
    }

    pub(crate) fn send(&self, uri: &str, token: Option<&Value>, event: Value) {
        // The receiver only goes away with the runtime; nobody is left to tell then.
        let _ = self.0.send(Item::Event(OutputParams {
            uri: uri.to_owned(),
            token: token.cloned(),
            event,
        }));
    }

    /// Waits until what was put in so far is sent: the answer to a request comes after its output.
    pub(crate) async fn sent(&self) {
        let (tell, told) = oneshot::channel();
        if self.0.send(Item::Sent(tell)).is_ok() {
            let _ = told.await;
        }
    }
}
