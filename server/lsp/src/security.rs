//! Security findings of documents: scanned as they change, only what changed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use dashmap::DashMap;
use metascript_analysis::project;
use metascript_security::{Capability, DocumentScanner, Finding, Policy, Setup, script_policy};
use metascript_syntax::Document;

use crate::assistant::user_settings;
use crate::documents::OpenDocument;

/// The scanner's side of the state.
pub(crate) struct Security {
    setup: RwLock<Arc<Setup>>,
    /// One scanner for each open document, which remembers the document's cells.
    open: DashMap<String, Arc<Mutex<Open>>>,
}

/// An open document as it was scanned last.
struct Open {
    scanner: DocumentScanner,
    last: Option<Scanned>,
}

/// What a version of a document gave.
struct Scanned {
    revision: u64,
    findings: Arc<[Finding]>,
    needs: Arc<[Vec<Capability>]>,
}

impl Security {
    /// The policy of the user alone, until the workspace's is read.
    pub(crate) fn new() -> Self {
        let (setup, faults) = Setup::load(user_settings().as_deref(), None);
        for fault in faults {
            tracing::warn!("{fault}");
        }
        Self {
            setup: RwLock::new(Arc::new(setup)),
            open: DashMap::new(),
        }
    }

    /// Reads the policy of the workspace. What does not hold is said, a line each; the rest holds.
    pub(crate) fn load(&self, settings: Option<PathBuf>) -> Vec<String> {
        let (setup, faults) = Setup::load(user_settings().as_deref(), settings.as_deref());
        let setup = Arc::new(setup);
        for scanner in &self.open {
            let mut open = lock(scanner.value());
            open.scanner.set_setup(Arc::clone(&setup));
            open.last = None;
        }
        *self.setup.write().unwrap_or_else(PoisonError::into_inner) = setup;
        faults
    }

    pub(crate) fn setup(&self) -> Arc<Setup> {
        Arc::clone(&self.setup.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The policy that holds for a script: it may ask for a stricter one than the settings.
    pub(crate) fn policy_for(&self, document: &Document) -> Policy {
        script_policy(document, &self.setup().policy)
    }

    /// The findings of an open document; a version is scanned once. Not for the thread that reads messages.
    pub(crate) fn open_document(&self, name: &str, document: &OpenDocument) -> Arc<[Finding]> {
        self.scanned(name, document, |scanned| Arc::clone(&scanned.findings))
    }

    /// What each cell of an open document needs from the machine, by the cell's number.
    pub(crate) fn needs(&self, name: &str, document: &OpenDocument) -> Arc<[Vec<Capability>]> {
        self.scanned(name, document, |scanned| Arc::clone(&scanned.needs))
    }

    fn scanned<T>(
        &self,
        name: &str,
        document: &OpenDocument,
        answer: impl FnOnce(&Scanned) -> T,
    ) -> T {
        let fresh = || Open {
            scanner: DocumentScanner::new(self.setup()),
            last: None,
        };
        let open = self
            .open
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Mutex::new(fresh())))
            .clone();
        let mut open = lock(&open);
        if let Some(scanned) = &open.last
            && scanned.revision == document.revision
        {
            return answer(scanned);
        }
        let scanned = Scanned {
            revision: document.revision,
            findings: open.scanner.scan(&document.document).into(),
            needs: open.scanner.needs().into(),
        };
        answer(open.last.insert(scanned))
    }

    /// The findings of a script that is not open. Nothing is kept.
    pub(crate) fn once(&self, document: &Document) -> Arc<[Finding]> {
        DocumentScanner::new(self.setup()).scan(document).into()
    }

    /// Forgets what was found out about a document that is closed, or that nobody looks at.
    pub(crate) fn close(&self, name: &str) {
        self.open.remove(name);
    }
}

fn lock(open: &Mutex<Open>) -> std::sync::MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The settings file in the first of some folders that has one.
pub(crate) fn settings_in(folders: &[PathBuf]) -> Option<PathBuf> {
    folders
        .iter()
        .map(|folder: &PathBuf| folder.join(Path::new(project::SETTINGS_FILE)))
        .find(|file| file.is_file())
}
