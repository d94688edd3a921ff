//! What the server knows: open documents, the analysis that follows them, live sessions.

use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use metascript_analysis::{Analysis, AnalysisHost, Cancellable, FileId};
use metascript_syntax::position::PositionEncoding;
use serde_json::Value;
use tower_lsp_server::Client;
use tower_lsp_server::gen_lsp_types::{MessageType, Uri};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};

use crate::capabilities::ClientFeatures;
use crate::documents::{Documents, Fault, OpenDocument};
use crate::handlers::diagnostics;
use crate::options::Options;
use crate::ordered;
use crate::sessions::Sessions;
use crate::uri;

/// How long typing must pause before diagnostics are pushed to a client that cannot pull them.
const PUSH_DELAY: Duration = Duration::from_millis(30);

/// Shared by all handlers.
pub(crate) struct State {
    pub(crate) client: Client,
    pub(crate) documents: Documents,
    pub(crate) sessions: Sessions,
    features: OnceLock<ClientFeatures>,
    options: OnceLock<Options>,
    host: Mutex<Host>,
    told: Mutex<HashSet<(String, Fault)>>,
}

/// The salsa side, always at or behind the documents.
struct Host {
    analysis: AnalysisHost,
    files: HashMap<String, (FileId, u64)>,
}

/// What a query works on.
pub(crate) struct Query<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) file: FileId,
    pub(crate) open: &'a OpenDocument,
    pub(crate) encoding: PositionEncoding,
}

impl State {
    pub(crate) fn new(client: Client) -> Arc<Self> {
        let sessions = Sessions::new(client.clone());
        Arc::new(Self {
            client,
            documents: Documents::default(),
            sessions,
            features: OnceLock::new(),
            options: OnceLock::new(),
            host: Mutex::new(Host {
                analysis: AnalysisHost::new(),
                files: HashMap::new(),
            }),
            told: Mutex::default(),
        })
    }

    /// Reads what the client can do from `initialize`, before any document can arrive.
    pub(crate) fn negotiate(&self, params: Option<&Value>) {
        let features = ClientFeatures::read(params);
        self.documents.set_encoding(features.encoding);
        let _ = self.features.set(features);
        let options = params
            .and_then(|params| params.get("initializationOptions"))
            .map(Options::read)
            .unwrap_or_default();
        let _ = self.options.set(options);
    }

    pub(crate) fn features(&self) -> &ClientFeatures {
        self.features.get_or_init(ClientFeatures::default)
    }

    pub(crate) fn options(&self) -> &Options {
        self.options.get_or_init(Options::default)
    }

    /// Answers a request about one document from the analysis, on a blocking thread.
    ///
    /// `None` when the document is not open or too large to be analysed. A request whose document
    /// has changed meanwhile is answered with `ContentModified`; a panic in `work` is caught,
    /// logged and answered with an internal error.
    pub(crate) async fn query<T: Send + 'static>(
        self: &Arc<Self>,
        document: &Uri,
        work: impl FnOnce(&Query<'_>) -> Cancellable<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let name = document.as_ref().to_owned();
        let Some(open) = ordered::arrival().or_else(|| self.documents.get(&name)) else {
            return Ok(None);
        };
        if open.oversized.is_some() {
            return Ok(None);
        }
        let state = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            catch_unwind(AssertUnwindSafe(|| {
                let (analysis, file) = state.analysis_of(&name, &open)?;
                let query = Query {
                    analysis: &analysis,
                    file,
                    open: &open,
                    encoding: state.documents.encoding(),
                };
                work(&query).map_err(|_cancelled| Error::content_modified())
            }))
        });
        match task.await {
            Ok(Ok(answer)) => answer.map(Some),
            Ok(Err(panic)) => Err(self.panicked(&*panic)),
            Err(_) => Err(Error::request_cancelled()),
        }
    }

    /// Brings the analysis up to `open` and takes a snapshot.
    fn analysis_of(&self, name: &str, open: &OpenDocument) -> Result<(Analysis, FileId)> {
        let mut host = self.host.lock().unwrap_or_else(PoisonError::into_inner);
        let Host { analysis, files } = &mut *host;
        let file = match files.get_mut(name) {
            Some((_, known)) if *known > open.revision => return Err(Error::content_modified()),
            Some((file, known)) => {
                if *known < open.revision {
                    analysis.set_document(*file, open.document.clone());
                    *known = open.revision;
                }
                *file
            }
            None => {
                let file = analysis.set_file(&uri::path(name), open.document.clone());
                files.insert(name.to_owned(), (file, open.revision));
                file
            }
        };
        Ok((analysis.snapshot(), file))
    }

    /// What follows from an edit once the text is right: messages, diagnostics, clean-up.
    pub(crate) async fn after_edit(self: &Arc<Self>, name: &str, fault: Option<Fault>) {
        if let Some(fault) = fault {
            let first = self
                .told
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert((name.to_owned(), fault));
            if first {
                self.client
                    .log_message(MessageType::Warning, format!("{name}: {}", fault.message()))
                    .await;
            }
        }
        let Some(open) = self.documents.get(name) else {
            self.forget(name).await;
            return;
        };
        if !self.features().pull_diagnostics {
            let state = Arc::clone(self);
            let document = Uri(name.to_owned());
            tokio::spawn(async move {
                tokio::time::sleep(PUSH_DELAY).await;
                state.push_diagnostics(document, open.revision).await;
            });
        }
    }

    async fn push_diagnostics(self: &Arc<Self>, document: Uri, revision: u64) {
        let current = self.documents.get(document.as_ref());
        let Some(open) = current.filter(|open| open.revision == revision) else {
            return;
        };
        if let Ok(items) = diagnostics::compute(self, &document).await {
            self.client
                .publish_diagnostics(document, items, Some(open.version))
                .await;
        }
    }

    async fn forget(self: &Arc<Self>, name: &str) {
        self.sessions.end(name);
        self.told
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(uri, _)| uri != name);
        if !self.features().pull_diagnostics {
            let document = Uri(name.to_owned());
            self.client
                .publish_diagnostics(document, Vec::new(), None)
                .await;
        }
        let state = Arc::clone(self);
        let name = name.to_owned();
        // Removing waits for running queries to notice, so it must not hold up the message loop.
        let removal = tokio::task::spawn_blocking(move || {
            let mut host = state.host.lock().unwrap_or_else(PoisonError::into_inner);
            if state.documents.get(&name).is_none()
                && let Some((file, _)) = host.files.remove(&name)
            {
                host.analysis.remove_file(file);
            }
        });
        if let Err(error) = removal.await {
            tracing::error!("closing a document: {error}");
        }
    }

    pub(crate) async fn log_error(&self, message: String) {
        tracing::error!("{message}");
        self.client.log_message(MessageType::Error, message).await;
    }

    fn panicked(&self, panic: &(dyn std::any::Any + Send)) -> Error {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown panic");
        tracing::error!("a request panicked: {what}");
        Error {
            code: ErrorCode::InternalError,
            message: format!("internal error: {what}. The server goes on; please report this")
                .into(),
            data: None,
        }
    }
}
