//! Notebooks: cells that together are one script.
//!
//! The client opens a notebook of the type `metascript` and sends the text of each cell as a document of its own. Here the
//! cells are put together to a script ([`text`]), which lives among the other documents under the notebook's URI; so every
//! request works on notebooks without knowing them. Requests about a cell are turned into requests about the script
//! ([`inward`]), and answers back into places of cells ([`outward`]). Cells begin and end at line ends, so only line numbers
//! change.

mod inward;
mod outward;
mod text;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use metascript_syntax::position::{PositionEncoding, to_offset};
use ropey::Rope;
use tower_lsp_server::gen_lsp_types::{
    DidChangeNotebookDocumentParams, DidCloseNotebookDocumentParams, DidOpenNotebookDocumentParams,
    DidOpenTextDocumentParams, NotebookCell, NotebookCellKind, NotebookDocumentCellContentChanges,
    TextDocumentContentChangeEvent, TextDocumentItem,
};

use self::text::{Cell, Frame, Layout};
use crate::convert;
use crate::documents::{Documents, Fault};

pub(crate) use self::inward::{Asked, ask};
pub(crate) use self::outward::{Layouts, answer};
pub(crate) use self::text::LANGUAGES;

/// The type of notebook that the server is told about.
pub(crate) const TYPE: &str = "metascript";

/// All open notebooks.
#[derive(Default)]
pub(crate) struct Notebooks {
    /// How many are open, to be asked at every request.
    count: AtomicUsize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    notebooks: HashMap<String, Notebook>,
    /// The notebook of each cell.
    of_cell: HashMap<String, String>,
}

struct Notebook {
    cells: Vec<NotebookCell>,
    documents: HashMap<String, Cell>,
    layout: Arc<Layout>,
}

impl Notebook {
    fn take(&mut self, items: Vec<TextDocumentItem>) {
        for item in items {
            let cell = Cell {
                uri: item.uri.0.clone(),
                version: item.version,
                language: serde_json::to_value(&item.language_id)
                    .ok()
                    .and_then(|value| value.as_str().map(str::to_owned))
                    .unwrap_or_default(),
                text: Rope::from_str(&item.text),
            };
            self.documents.insert(item.uri.0, cell);
        }
    }

    /// Puts the cells together again.
    fn render(&mut self, encoding: PositionEncoding) -> String {
        let code = self
            .cells
            .iter()
            .filter(|cell| cell.kind == NotebookCellKind::Code)
            .filter_map(|cell| {
                let frame = cell.metadata.as_ref().and_then(Frame::read);
                Some((self.documents.get(cell.document.as_ref())?, frame))
            });
        let (text, layout) = text::script(code, encoding);
        self.layout = Arc::new(layout);
        text
    }
}

impl Notebooks {
    pub(crate) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Acquire) == 0
    }

    /// Where the cells of the notebook stand now; `None` for what is no notebook.
    pub(crate) fn layout(&self, notebook: &str) -> Option<Arc<Layout>> {
        let open = self.lock();
        open.notebooks
            .get(notebook)
            .map(|notebook| Arc::clone(&notebook.layout))
    }

    /// Where the cells of all notebooks stand now.
    pub(crate) fn layouts(&self) -> Layouts {
        let open = self.lock();
        let notebooks = open.notebooks.iter();
        notebooks
            .map(|(uri, notebook)| (uri.clone(), Arc::clone(&notebook.layout)))
            .collect()
    }

    /// `notebookDocument/didOpen`.
    pub(crate) fn open(
        &self,
        documents: &Documents,
        params: DidOpenNotebookDocumentParams,
    ) -> (String, Option<Fault>) {
        let uri = params.notebook_document.uri.clone();
        let mut notebook = Notebook {
            cells: params.notebook_document.cells,
            documents: HashMap::new(),
            layout: Arc::default(),
        };
        notebook.take(params.cell_text_documents);
        let text = notebook.render(documents.encoding());
        let mut open = self.lock();
        let name = uri.as_ref().to_owned();
        open.of_cell.retain(|_, of| *of != name);
        for cell in notebook.documents.keys() {
            open.of_cell.insert(cell.clone(), name.clone());
        }
        open.notebooks.insert(name.clone(), notebook);
        self.count.store(open.notebooks.len(), Ordering::Release);
        let fault = documents.open(DidOpenTextDocumentParams {
            text_document: TextDocumentItem {
                uri,
                language_id: TYPE.to_owned().into(),
                version: params.notebook_document.version,
                text,
            },
        });
        (name, fault)
    }

    /// `notebookDocument/didChange`.
    pub(crate) fn change(
        &self,
        documents: &Documents,
        params: DidChangeNotebookDocumentParams,
    ) -> (String, Option<Fault>) {
        let name = params.notebook_document.uri.0;
        let encoding = documents.encoding();
        let mut open = self.lock();
        let Open { notebooks, of_cell } = &mut *open;
        let Some(notebook) = notebooks.get_mut(&name) else {
            return (name, Some(Fault::NotOpen));
        };
        let mut fault = None;
        if let Some(changed) = params.change.cells {
            if let Some(structure) = changed.structure {
                notebook.take(structure.did_open.unwrap_or_default());
                for closed in structure.did_close.unwrap_or_default() {
                    notebook.documents.remove(closed.uri.as_ref());
                }
                let count = notebook.cells.len();
                let start = (structure.array.start as usize).min(count);
                let end = start
                    .saturating_add(structure.array.delete_count as usize)
                    .min(count);
                let new = structure.array.cells.unwrap_or_default();
                notebook.cells.splice(start..end, new);
            }
            for cell in changed.data.unwrap_or_default() {
                let known = notebook.cells.iter_mut();
                if let Some(known) = known
                    .into_iter()
                    .find(|known| known.document == cell.document)
                {
                    *known = cell;
                }
            }
            for content in changed.text_content.unwrap_or_default() {
                fault = edit(notebook, content, encoding).or(fault);
            }
        }
        of_cell.retain(|_, of| *of != name);
        for cell in notebook.documents.keys() {
            of_cell.insert(cell.clone(), name.clone());
        }
        let text = notebook.render(encoding);
        documents.replace(&name, params.notebook_document.version, &text);
        (name, fault)
    }

    /// `notebookDocument/didClose`.
    pub(crate) fn close(
        &self,
        documents: &Documents,
        params: DidCloseNotebookDocumentParams,
    ) -> (String, Option<Fault>) {
        let name = params.notebook_document.uri.0;
        let mut open = self.lock();
        open.of_cell.retain(|_, of| *of != name);
        open.notebooks.remove(&name);
        self.count.store(open.notebooks.len(), Ordering::Release);
        let fault = (!documents.close(&name)).then_some(Fault::NotOpen);
        (name, fault)
    }

    /// The notebook of a cell, and where its cells stand.
    fn of(&self, cell: &str) -> Option<(String, Arc<Layout>)> {
        let open = self.lock();
        let name = open.of_cell.get(cell)?;
        let notebook = open.notebooks.get(name)?;
        Some((name.clone(), Arc::clone(&notebook.layout)))
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Applies the changes of one cell's text.
fn edit(
    notebook: &mut Notebook,
    content: NotebookDocumentCellContentChanges,
    encoding: PositionEncoding,
) -> Option<Fault> {
    let uri = content.document.text_document_identifier.uri;
    let Some(cell) = notebook.documents.get_mut(uri.as_ref()) else {
        return Some(Fault::NotOpen);
    };
    cell.version = content.document.version;
    for change in content.changes {
        match change {
            TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => {
                cell.text = Rope::from_str(&whole.text);
            }
            TextDocumentContentChangeEvent::TextDocumentContentChangePartial(partial) => {
                let at = |position| to_offset(&cell.text, convert::position_in(position), encoding);
                let (one, other) = (at(partial.range.start), at(partial.range.end));
                let start = cell.text.byte_to_char(one.min(other));
                let end = cell.text.byte_to_char(one.max(other));
                cell.text.remove(start..end);
                cell.text.insert(start, &partial.text);
            }
        }
    }
    None
}
