//! The scripts on disk below the workspace's folders, indexed in the background and followed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::DashMap;
use metascript_analysis::{FileIndex, project};
use rayon::prelude::*;
use serde_json::{Value, json};
use tower_lsp_server::gen_lsp_types::{
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, MessageType, ProgressToken,
    Registration,
};

use crate::assistant;
use crate::security::settings_in;
use crate::state::State;
use crate::uri;

/// Files that are taken in at once: between batches, requests are answered.
const BATCH: usize = 512;

/// The folders of the workspace.
#[derive(Default)]
pub(crate) struct Folders(Mutex<Vec<PathBuf>>);

impl Folders {
    /// Reads the folders from the parameters of `initialize`.
    pub(crate) fn read(&self, params: Option<&Value>) {
        let at = |pointer: &str| params.and_then(|params| params.pointer(pointer));
        let mut folders: Vec<PathBuf> = at("/workspaceFolders")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|folder| folder.get("uri").and_then(Value::as_str))
            .map(uri::path)
            .collect();
        if folders.is_empty() {
            folders.extend(at("/rootUri").and_then(Value::as_str).map(uri::path));
        }
        *self.lock() = folders;
    }

    /// Whether a file is below one of the folders.
    pub(crate) fn hold(&self, path: &Path) -> bool {
        self.lock().iter().any(|folder| path.starts_with(folder))
    }

    fn all(&self) -> Vec<PathBuf> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// After `initialized`: asks for news of files, reads the settings, and indexes the folders in the background.
pub(crate) async fn start(state: &Arc<State>) {
    if state.features().watches_files {
        let registration = Registration {
            id: "metascript-files".to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(json!({
                "watchers": [
                    { "globPattern": format!("**/*.{{{}}}", project::EXTENSIONS.join(",")) },
                    { "globPattern": format!("**/{}", project::SETTINGS_FILE) },
                ]
            })),
        };
        if let Err(error) = state.client.register_capability(vec![registration]).await {
            tracing::warn!("the client does not watch files: {error}");
        }
    }
    let folders = state.folders.all();
    read_settings(state, &folders).await;
    let state = Arc::clone(state);
    tokio::spawn(async move {
        let root = folders.first().cloned().unwrap_or_default();
        assistant::start(&state, root).await;
        index(&state, folders).await;
    });
}

/// The settings of the first folder that has some.
async fn read_settings(state: &Arc<State>, folders: &[PathBuf]) {
    let file = settings_in(folders);
    let (settings, mut problems) = file
        .as_deref()
        .map(project::read_settings)
        .unwrap_or_default();
    problems.extend(state.security.load(file.clone()));
    for problem in problems {
        let file = file.as_deref().unwrap_or(Path::new(project::SETTINGS_FILE));
        let message = format!("{}: {problem}", file.display());
        state
            .client
            .show_message(MessageType::Warning, message)
            .await;
    }
    let of = Arc::clone(state);
    // Changing the analysis waits for running queries.
    let _ = tokio::task::spawn_blocking(move || of.set_settings(settings)).await;
}

/// Reads the scripts below the folders, in batches, with progress: first what other scripts can refer to, then the names
/// inside the cells.
async fn index(state: &Arc<State>, folders: Vec<PathBuf>) {
    let listing = tokio::task::spawn_blocking(move || {
        let mut found: Vec<PathBuf> = folders
            .iter()
            .flat_map(|folder| project::scripts(folder))
            .filter_map(|entry| {
                entry
                    .inspect_err(|error| tracing::warn!("indexing: {error}"))
                    .ok()
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    });
    let Ok(paths) = listing.await else { return };
    if paths.is_empty() {
        return;
    }
    state.assistant.expect(&paths);
    let begun = Arc::new(DashMap::new());
    let known = Arc::clone(&begun);
    in_batches(state, &paths, "Indexing scripts", move |path, text| {
        let index = FileIndex::begin(text);
        if !index.is_complete() {
            known.insert(path.to_owned(), index.clone());
        }
        index
    })
    .await;
    refresh(state).await;
    let rest: Vec<PathBuf> = paths
        .into_iter()
        .filter(|path| begun.contains_key(path))
        .collect();
    in_batches(
        state,
        &rest,
        "Reading cells",
        move |path, text| match begun.remove(path) {
            Some((_, index)) => index.complete(text),
            None => FileIndex::of(text),
        },
    )
    .await;
}

/// Takes in outlines of scripts; between batches, requests are answered.
async fn in_batches(
    state: &Arc<State>,
    paths: &[PathBuf],
    title: &str,
    outline: impl Fn(&Path, &str) -> FileIndex + Send + Sync + 'static,
) {
    let outline = Arc::new(outline);
    let progress = begin(state, title, paths.len()).await;
    for (batch, part) in paths.chunks(BATCH).enumerate() {
        let part = part.to_vec();
        let (of, outline) = (Arc::clone(state), Arc::clone(&outline));
        let done = tokio::task::spawn_blocking(move || {
            let files = part.into_par_iter().filter_map(|path| {
                let index = outline(&path, &project::read_script(&path)?);
                Some((path, Some(index)))
            });
            of.index(files.collect());
        });
        if done.await.is_err() {
            break;
        }
        if let Some(progress) = &progress {
            let count = ((batch + 1) * BATCH).min(paths.len());
            let percent = u32::try_from(count * 100 / paths.len()).unwrap_or(100);
            let message = format!("{count} of {} scripts", paths.len());
            progress.report_with_message(message, percent).await;
        }
    }
    if let Some(progress) = progress {
        progress.finish().await;
    }
}

type Progress =
    tower_lsp_server::OngoingProgress<tower_lsp_server::Bounded, tower_lsp_server::NotCancellable>;

async fn begin(state: &Arc<State>, title: &str, files: usize) -> Option<Progress> {
    if !state.features().progress || files < BATCH {
        return None;
    }
    let token = ProgressToken::String(format!("metascript/index/{title}"));
    let made = state.client.create_work_done_progress(token.clone()).await;
    made.ok()?;
    let progress = state.client.progress(token, title);
    Some(progress.with_percentage(0).begin().await)
}

/// Tells the client to ask again for what other files may have changed.
pub(crate) async fn refresh(state: &Arc<State>) {
    if state.features().refreshes_diagnostics
        && let Err(error) = state.client.workspace_diagnostic_refresh().await
    {
        tracing::warn!("refreshing diagnostics: {error}");
    }
}

/// `workspace/didChangeWatchedFiles`.
pub(crate) async fn files_changed(state: &Arc<State>, params: DidChangeWatchedFilesParams) {
    let paths: Vec<PathBuf> = params
        .changes
        .iter()
        .map(|change| uri::path(change.uri.as_ref()))
        .collect();
    if paths.iter().any(|path| {
        path.file_name()
            .is_some_and(|name| name == project::SETTINGS_FILE)
    }) {
        let folders = state.folders.all();
        read_settings(state, &folders).await;
    }
    let of = Arc::clone(state);
    let taken = tokio::task::spawn_blocking(move || {
        let files = paths
            .into_par_iter()
            .filter(|path| project::is_script(path))
            .map(|path| {
                let text = project::read_script(&path);
                of.assistant.changed(&path, text.as_deref());
                (path, text.map(|text| FileIndex::of(&text)))
            })
            .collect();
        of.index(files);
    });
    if let Err(error) = taken.await {
        tracing::error!("taking in changed files: {error}");
    }
    refresh(state).await;
}

/// `workspace/didChangeWorkspaceFolders`.
pub(crate) async fn folders_changed(state: &Arc<State>, params: DidChangeWorkspaceFoldersParams) {
    let path =
        |folder: &tower_lsp_server::gen_lsp_types::WorkspaceFolder| uri::path(folder.uri.as_ref());
    let removed: Vec<PathBuf> = params.event.removed.iter().map(path).collect();
    let added: Vec<PathBuf> = params.event.added.iter().map(path).collect();
    {
        let mut folders = state.folders.lock();
        folders.retain(|folder| !removed.contains(folder));
        folders.extend(added.iter().cloned());
    }
    let of = Arc::clone(state);
    let gone = tokio::task::spawn_blocking(move || of.forget_below(&removed));
    if let Err(error) = gone.await {
        tracing::error!("forgetting folders: {error}");
    }
    index(state, added).await;
}
