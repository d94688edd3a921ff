//! The semantic side of the server: always at or behind the documents, and no larger than what is looked at.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use metascript_analysis::{AnalysisHost, FileId, FileIndex};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::documents::OpenDocument;
use crate::uri;

/// How many documents keep what was worked out about them. An editor with a thousand tabs shows a few of them.
const MAX_AWAKE: usize = 64;

/// The analysis and the documents that it follows.
pub(crate) struct Host {
    pub(crate) analysis: AnalysisHost,
    /// By the URI of an open document: its file, and the revision that the analysis has.
    files: HashMap<String, (FileId, u64)>,
    /// The documents that were asked about last, the very last at the end.
    awake: Vec<String>,
    /// Documents that have gone to rest since somebody wanted to know.
    rested: Vec<String>,
}

impl Host {
    pub(crate) fn new() -> Host {
        Host {
            analysis: AnalysisHost::new(),
            files: HashMap::new(),
            awake: Vec::new(),
            rested: Vec::new(),
        }
    }

    /// Brings the analysis up to a document that somebody asks about; an error when the analysis is ahead of it.
    pub(crate) fn bring_up(&mut self, name: &str, open: &OpenDocument) -> Result<FileId> {
        let known = self.files.get(name).copied();
        let file = match known {
            Some((_, revision)) if revision > open.revision => {
                return Err(Error::content_modified());
            }
            Some((file, revision)) if revision == open.revision && self.is_awake(name) => file,
            Some((file, _)) => {
                self.analysis.set_document(file, open.document.clone());
                file
            }
            None => self
                .analysis
                .set_file(&uri::path(name), open.document.clone()),
        };
        if known != Some((file, open.revision)) {
            self.files.insert(name.to_owned(), (file, open.revision));
        }
        self.touch(name);
        Ok(file)
    }

    /// Brings the analysis up to a document that is asked about only together with others.
    pub(crate) fn follow(&mut self, name: &str, open: &OpenDocument) {
        let known = self.files.get(name);
        if known.is_some_and(|(_, revision)| *revision >= open.revision) {
            return;
        }
        if self.is_awake(name) || self.awake.len() < MAX_AWAKE {
            // The analysis is behind it: that was just seen.
            let _ = self.bring_up(name, open);
            return;
        }
        let path = uri::path(name);
        let file = self.analysis.set_resting(&path, open.document.clone());
        self.files.insert(name.to_owned(), (file, open.revision));
    }

    /// Takes in scripts on disk, except those that are open. `None` as index: the file is gone.
    pub(crate) fn index(&mut self, files: Vec<(PathBuf, Option<FileIndex>)>) {
        let open: HashSet<PathBuf> = self.files.keys().map(|name| uri::path(name)).collect();
        let mut present = Vec::new();
        let mut gone = Vec::new();
        for (path, index) in files {
            match index {
                _ if open.contains(&path) => {}
                Some(index) => present.push((path, index)),
                None => gone.extend(self.analysis.file_id(&path)),
            }
        }
        self.analysis.remove_files(gone);
        self.analysis.index_files(present);
    }

    /// A document was closed. `on_disk`: what its file holds, if it is one of the workspace.
    pub(crate) fn close(&mut self, name: &str, on_disk: Option<FileIndex>) {
        self.awake.retain(|other| other != name);
        let Some((file, _)) = self.files.remove(name) else {
            return;
        };
        match on_disk {
            Some(index) => self.analysis.close_file(file, index),
            None => self.analysis.remove_file(file),
        }
    }

    /// The documents that have gone to rest since the last call.
    pub(crate) fn take_rested(&mut self) -> Vec<String> {
        std::mem::take(&mut self.rested)
    }

    fn is_awake(&self, name: &str) -> bool {
        self.awake.iter().any(|other| other == name)
    }

    fn touch(&mut self, name: &str) {
        if self.awake.last().is_some_and(|last| last == name) {
            return;
        }
        self.awake.retain(|other| other != name);
        self.awake.push(name.to_owned());
        while self.awake.len() > MAX_AWAKE {
            let oldest = self.awake.remove(0);
            if let Some((file, _)) = self.files.get(&oldest) {
                self.analysis.rest(*file);
            }
            self.rested.push(oldest);
        }
    }
}
