//! What the server knows: open documents, the analysis that follows them, live sessions.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use metascript_analysis::{Analysis, Cancellable, FileId, FileIndex, Settings, project};
use metascript_syntax::position::PositionEncoding;
use serde_json::Value;
use tower_lsp_server::Client;
use tower_lsp_server::gen_lsp_types::{MessageType, Uri};
use tower_lsp_server::jsonrpc::{Error, ErrorCode, Result};

use crate::assistant::Assistant;
use crate::capabilities::ClientFeatures;
use crate::documents::{Documents, Fault, OpenDocument};
use crate::fsharp::{self, FSharp};
use crate::handlers::ai::Running;
use crate::handlers::diagnostics;
use crate::handlers::saved::Saved;
use crate::handlers::semantic_tokens::LastTokens;
use crate::handlers::workspace_diagnostic::Reports;
use crate::host::Host;
use crate::notebooks::{self, Notebooks};
use crate::options::Options;
use crate::ordered;
use crate::security::Security;
use crate::sessions::Sessions;
use crate::stale::{self, RunLog};
use crate::turns::Turns;
use crate::uri;
use crate::workspace::Folders;

/// How long typing must pause before diagnostics are pushed to a client that cannot pull them.
const PUSH_DELAY: Duration = Duration::from_millis(30);

/// How often an answer about the workspace is worked out anew while files keep changing.
const MAX_TRIES: usize = 16;

/// Shared by all handlers.
pub(crate) struct State {
    pub(crate) client: Client,
    pub(crate) documents: Documents,
    pub(crate) notebooks: Notebooks,
    pub(crate) sessions: Sessions,
    /// What ran, to tell which results still hold.
    pub(crate) run_log: RunLog,
    pub(crate) turns: Turns,
    features: OnceLock<ClientFeatures>,
    options: OnceLock<Options>,
    host: Mutex<Host>,
    pub(crate) tokens: LastTokens,
    /// What the client was told last about scripts that it does not have open.
    pub(crate) reports: Reports,
    pub(crate) folders: Folders,
    pub(crate) assistant: Arc<Assistant>,
    /// AI commands that run.
    pub(crate) ai: Running,
    pub(crate) security: Security,
    pub(crate) fsharp: FSharp,
    /// Scripts that were saved and are to run.
    pub(crate) saved: Saved,
    told: Mutex<HashSet<(String, Fault)>>,
}

/// What a query works on.
pub(crate) struct Query<'a> {
    pub(crate) analysis: &'a Analysis,
    pub(crate) file: FileId,
    pub(crate) open: &'a OpenDocument,
    pub(crate) encoding: PositionEncoding,
    pub(crate) features: &'a ClientFeatures,
    pub(crate) state: &'a State,
    /// The document's URI.
    pub(crate) name: &'a str,
}

impl State {
    pub(crate) fn new(client: Client) -> Arc<Self> {
        let assistant = Arc::new(Assistant::default());
        let (run_log, changed) = RunLog::new();
        let sessions = Sessions::new(client.clone(), Arc::clone(&assistant), run_log.clone());
        let (fsharp, ears) = FSharp::new();
        let state = Arc::new(Self {
            client,
            documents: Documents::default(),
            notebooks: Notebooks::default(),
            sessions,
            features: OnceLock::new(),
            options: OnceLock::new(),
            host: Mutex::new(Host::new()),
            tokens: LastTokens::default(),
            reports: Reports::default(),
            folders: Folders::default(),
            turns: Turns::default(),
            assistant,
            ai: Running::default(),
            security: Security::new(),
            fsharp,
            saved: Saved::default(),
            told: Mutex::default(),
            run_log,
        });
        tokio::spawn(stale::watch(Arc::downgrade(&state), changed));
        fsharp::listen(&state, ears);
        state
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
        self.folders.read(params);
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
    /// has changed meanwhile is answered with `ContentModified`; when others have changed it is worked out again. A panic
    /// in `work` is caught, logged and answered with an internal error.
    pub(crate) async fn query<T: Send + 'static>(
        self: &Arc<Self>,
        document: &Uri,
        work: impl Fn(&Query<'_>) -> Cancellable<T> + Send + 'static,
    ) -> Result<Option<T>> {
        self.query_with(document, false, work).await
    }

    /// As [`State::query`], for answers that come from other files too: every open document is brought up to date first.
    pub(crate) async fn query_all<T: Send + 'static>(
        self: &Arc<Self>,
        document: &Uri,
        work: impl Fn(&Query<'_>) -> Cancellable<T> + Send + 'static,
    ) -> Result<Option<T>> {
        self.query_with(document, true, work).await
    }

    async fn query_with<T: Send + 'static>(
        self: &Arc<Self>,
        document: &Uri,
        others: bool,
        work: impl Fn(&Query<'_>) -> Cancellable<T> + Send + 'static,
    ) -> Result<Option<T>> {
        let name = document.as_ref().to_owned();
        let Some(open) = ordered::arrival().or_else(|| self.documents.get(&name)) else {
            return Ok(None);
        };
        if open.oversized.is_some() {
            return Ok(None);
        }
        self.blocking(move |state| {
            for _ in 0..MAX_TRIES {
                let mut host = state.host();
                if others {
                    state.bring_up(&mut host);
                }
                let file = host.bring_up(&name, &open)?;
                let rested = host.take_rested();
                let analysis = host.analysis.snapshot();
                drop(host);
                state.rest(&rested);
                let query = Query {
                    analysis: &analysis,
                    file,
                    open: &open,
                    encoding: state.documents.encoding(),
                    features: state.features(),
                    state,
                    name: &name,
                };
                if let Ok(answer) = work(&query) {
                    return Ok(answer);
                }
            }
            Err(Error::content_modified())
        })
        .await
        .map(Some)
    }

    /// Answers a request about the whole workspace, on a blocking thread. Such a request is about no text in particular,
    /// so when files change meanwhile the answer is worked out again.
    pub(crate) async fn workspace_query<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Fn(&Analysis) -> Cancellable<T> + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |state| {
            for _ in 0..MAX_TRIES {
                let mut host = state.host();
                state.bring_up(&mut host);
                let analysis = host.analysis.snapshot();
                drop(host);
                if let Ok(answer) = work(&analysis) {
                    return Ok(answer);
                }
            }
            Err(Error::content_modified())
        })
        .await
    }

    /// Runs work that is about no open document.
    pub(crate) async fn detached<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        self.blocking(move |_| Ok(work())).await
    }

    /// Runs work on a blocking thread; a panic in it costs one answer, not the server.
    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Arc<Self>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let state = Arc::clone(self);
        let task =
            tokio::task::spawn_blocking(move || catch_unwind(AssertUnwindSafe(|| work(&state))));
        match task.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(panic)) => Err(self.panicked(&*panic)),
            Err(_) => Err(Error::request_cancelled()),
        }
    }

    fn host(&self) -> MutexGuard<'_, Host> {
        self.host.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Brings the analysis up to all open documents.
    fn bring_up(&self, host: &mut Host) {
        for (name, open) in self.documents.all() {
            if open.oversized.is_none() {
                host.follow(&name, &open);
            }
        }
        self.rest(&host.take_rested());
    }

    /// Forgets what was worked out about documents that nobody has asked about for a while. It comes back when they do.
    fn rest(&self, names: &[String]) {
        for name in names {
            self.security.close(name);
            self.tokens.forget(name);
        }
    }

    /// Takes in scripts on disk, except those that the client has open. `None` as index: the file is gone.
    ///
    /// Waits until running queries have noticed: not for the thread that reads messages.
    pub(crate) fn index(&self, files: Vec<(PathBuf, Option<FileIndex>)>) {
        self.host().index(files);
    }

    /// Forgets the files below folders that left the workspace, except those that are open.
    pub(crate) fn forget_below(&self, folders: &[PathBuf]) {
        let snapshot = self.host().analysis.snapshot();
        let files = snapshot.files().unwrap_or_default();
        drop(snapshot);
        let gone = files
            .into_iter()
            .map(|(_, path)| path)
            .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
            .map(|path| (path, None))
            .collect();
        self.index(gone);
    }

    /// Replaces the project's settings.
    pub(crate) fn set_settings(&self, settings: Settings) {
        self.reports.clear();
        self.fsharp.set_project(settings.fsharp_diagnostics());
        self.host().analysis.set_settings(settings);
        for (name, _) in self.documents.all() {
            self.fsharp.edited(&name);
        }
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
        self.run_log.edited(name);
        self.fsharp.edited(name);
        if !self.features().pull_diagnostics {
            let state = Arc::clone(self);
            let document = Uri(name.to_owned());
            tokio::spawn(async move {
                tokio::time::sleep(PUSH_DELAY).await;
                state.push_diagnostics(document, open.revision).await;
            });
        }
    }

    /// Tells the client that there are other diagnostics of some open documents.
    pub(crate) async fn diagnostics_changed(self: &Arc<Self>, names: HashSet<String>) {
        if self.features().pull_diagnostics {
            crate::workspace::refresh(self).await;
            return;
        }
        for name in names {
            if let Some(open) = self.documents.get(&name) {
                self.push_diagnostics(Uri(name), open.revision).await;
            }
        }
    }

    async fn push_diagnostics(self: &Arc<Self>, document: Uri, revision: u64) {
        let current = self.documents.get(document.as_ref());
        let Some(open) = current.filter(|open| open.revision == revision) else {
            return;
        };
        let Ok(items) = diagnostics::compute(self, &document).await else {
            return;
        };
        let Some(layout) = self.notebooks.layout(document.as_ref()) else {
            self.client
                .publish_diagnostics(document, items, Some(open.version))
                .await;
            return;
        };
        let layouts = self.notebooks.layouts();
        let all = serde_json::to_value(items).unwrap_or_default();
        for cell in layout.cells() {
            let about = notebooks::Asked::about(&layout, cell);
            let of_cell = notebooks::answer(all.clone(), &layouts, Some(&about));
            let items = serde_json::from_value(of_cell).unwrap_or_default();
            self.client
                .publish_diagnostics(Uri(cell.to_owned()), items, None)
                .await;
        }
    }

    async fn forget(self: &Arc<Self>, name: &str) {
        self.sessions.end(name);
        self.run_log.forget(name);
        self.tokens.forget(name);
        self.security.close(name);
        self.fsharp.close(name);
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
            let path = uri::path(&name);
            let known = state.folders.hold(&path);
            let on_disk = known.then(|| project::read_script(&path)).flatten();
            let index = on_disk.map(|text| FileIndex::of(&text));
            let mut host = state.host();
            if state.documents.get(&name).is_none() {
                host.close(&name, index);
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

    /// What a panic is answered with.
    pub(crate) fn panicked(&self, panic: &(dyn std::any::Any + Send)) -> Error {
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
