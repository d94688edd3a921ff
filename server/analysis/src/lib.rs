//! What a metascript means: symbols, scopes, data flow, validation and the answers that editors ask for.
//!
//! The crate knows neither the protocol nor the terminal. Its façade is two types and plain data:
//!
//! ```text
//! let mut host = AnalysisHost::new();
//! let file = host.set_file(Path::new("demo.tars"), Document::parse(text));   // open, or replace the text
//! host.set_document(file, document.edited(&edits));                          // after every change
//! let analysis: Analysis = host.snapshot();                                  // Clone + Send, one per thread
//! let diagnostics: Cancellable<Arc<[Diagnostic]>> = analysis.diagnostics(file);
//! ```
//!
//! **Snapshots and cancellation.** A snapshot sees one state of all files. Changing the host asks running
//! snapshots to stop (their calls return `Err(Cancelled)`) and *waits until every snapshot is dropped*: never keep
//! one across an `await`, and never change the host on a thread that holds one. Everything in `Analysis` is
//! synchronous and meant for a blocking thread.
//!
//! **Positions** are byte ranges (`Range<usize>`) in the text of the snapshot's `Document`
//! (`analysis.document(file)`); `metascript_syntax::position` converts them.
//!
//! # `AnalysisHost`
//!
//! ```text
//! fn new() -> AnalysisHost
//! fn set_settings(&mut self, settings: Settings)                  // Settings::from_toml(text) reads .metascript.toml
//! fn set_file(&mut self, path: &Path, document: Document) -> FileId
//! fn set_files(&mut self, files: impl IntoIterator<Item = (PathBuf, Document)>) -> Vec<FileId>   // many at once
//! fn set_document(&mut self, file: FileId, document: Document)    // same file, next version; unknown id: ignored
//! fn remove_file(&mut self, file: FileId)                         fn remove_files(&mut self, ids)
//! fn index_files(&mut self, files: (PathBuf, FileIndex)...)       // scripts that nobody has open, by their outlines
//! fn rest(&mut self, file: FileId)                                // keep the text and the outline only
//! fn set_resting(&mut self, path: &Path, document: Document) -> FileId
//! fn close_file(&mut self, file: FileId, index: FileIndex)        // what the disk holds counts again
//! fn file_id(&self, path: &Path) -> Option<FileId>
//! fn snapshot(&self) -> Analysis
//! ```
//!
//! A file is *live* (`set_file`, `set_document`): in memory, with all that was worked out about it; or it is an *outline*
//! ([`FileIndex`]: names, kinds, places, imports). Every question may be asked about both. An outline is read again when
//! somebody looks into it, and what comes of that goes with the snapshot (`Analysis::apart` for a look at many).
//!
//! # `Analysis` (each returns `Cancellable<T>` = `Result<T, Cancelled>`; an unknown `FileId` answers empty)
//!
//! ```text
//! fn files(&self) -> Vec<(FileId, PathBuf)>      fn path(FileId) -> Option<PathBuf>      fn document(FileId) -> Option<Document>
//! fn text(FileId) -> Option<Rope>                              // cheaper, where the tree is not needed
//! fn stamp(FileId) -> Option<u64>                              // what the diagnostics of an outline hang on
//! fn diagnostics(FileId) -> Arc<[Diagnostic]>                  // sorted by position, severities already configured
//! fn document_symbols(FileId) -> Vec<Symbol>                   // nested
//! fn folding_ranges(FileId) -> Vec<Fold>
//! fn hover(FileId, offset) -> Option<Hover>                    // Markdown
//! fn completions(FileId, offset) -> CompletionList             // at most 100 items, best first, `incomplete` set rightly
//! fn documentation(FileId, &Docs) -> Option<String>            // Markdown, of an item that somebody looks at
//! fn cells(FileId) -> Vec<CellInfo>                            // with what each cell defines, uses, and whether it can run
//! fn stale_cells(FileId, cell) -> Vec<usize>                   // cells that read (also indirectly) what this cell defines
//! fn definition(FileId, offset) -> Vec<Target>                 fn references(FileId, offset, declaration: bool) -> Vec<Location>
//! fn type_definition(FileId, offset) -> Vec<Target>            fn implementation(FileId, offset) -> Vec<Target>
//! fn document_highlights(FileId, offset) -> Vec<Highlight>
//! fn prepare_rename(FileId, offset) -> Result<RenameTarget, Refusal>
//! fn rename(FileId, offset, new_name) -> Result<SourceChange, Refusal>
//! fn workspace_symbols(query, limit) -> Vec<WorkspaceSymbol>
//! fn signature_help(FileId, offset) -> Option<SignatureHelp>
//! fn code_actions(FileId, range) -> Vec<CodeAction>
//! fn selection_ranges(FileId, &[offset]) -> Vec<Vec<Range>>    // innermost first
//! fn semantic_tokens(FileId, Option<range>) -> Vec<SemanticToken>
//! fn inlay_hints(FileId, range) -> Vec<InlayHint>              fn hint_details(FileId, &InlayHint) -> Option<HintDetails>
//! fn document_links(FileId) -> Vec<DocumentLink>
//! fn graph(FileId) -> Graph                                   // parts and what passes between them
//! fn edit_graph(FileId, &GraphEdit) -> Result<TextEdit, String> // a drawn node or edge as text
//! fn linked_ranges(FileId, offset) -> Vec<Range>
//! fn prepare_call_hierarchy(FileId, offset) -> Option<CallItem>
//! fn incoming_calls(&CallItem) -> Vec<CallEdge>                fn outgoing_calls(&CallItem) -> Vec<CallEdge>
//! ```
//!
//! Plain data, one file each beside the feature:
//!
//! ```text
//! Diagnostic { code: Code, severity: Severity, message: String, range, related: Vec<Related>, fixes: Vec<Fix>, tags: Vec<Tag> }
//! Code::as_str() -> "MS0001"     Code::title() -> "missing-property"     Severity { Error, Warning, Information, Hint }
//! Related { file: FileId, range, message }      Fix { title, edits: Vec<TextEdit>, preferred: bool }      Tag { Unnecessary, Deprecated }
//! Symbol { name, detail: Option<String>, kind: SymbolKind, range, selection, children, deprecated }
//! Fold { range, kind: FoldKind }  FoldKind { Block, Cell, Comment, Array, Text }
//! Hover { range, markdown }
//! CompletionList { items: Vec<CompletionItem>, incomplete: bool }
//! CompletionItem { label, kind: CompletionKind, detail: Option<String>, documentation: Option<Docs> (see `documentation`), deprecated,
//!                  replace: Range (what the text replaces), text: String, snippet: bool (text is an LSP snippet), sort: String, filter: String }
//! CellInfo { cell: metascript_syntax::Cell, defines: Vec<String>, uses: Vec<String>, runnable: Runnable }
//! Runnable { Yes, Empty, NoRuntime }
//! ```
//!
//! `explain("MS0001") -> Option<&'static str>` is the documentation page of a code (Markdown);
//! `codes()` lists all of them.

mod closed;
mod db;
mod diagnostic;
mod expression;
mod facts;
mod features;
mod files;
mod finding;
mod flow;
mod host;
mod imports;
mod index;
mod ir;
mod layout;
mod locate;
mod lower;
mod names;
pub mod notebook;
mod occurrences;
pub mod project;
mod report;
mod scope;
mod settings;
mod spelling;
mod suppress;
mod validate;

pub use diagnostic::{Code, Diagnostic, Fix, Related, Severity, Tag, code, codes, explain};
pub use features::actions::{ActionKind, CodeAction};
pub use features::calls::{CallEdge, CallItem};
pub use features::cells::{CellInfo, Runnable};
pub use features::colors::Color;
pub use features::completion::{CompletionItem, CompletionKind, CompletionList, Docs};
pub use features::folding::{Fold, FoldKind};
pub use features::freshness;
pub use features::graph::{Graph, GraphEdge, GraphEdgeKind, GraphEdit, GraphNode, NewNode};
pub use features::hints::{HintDetails, InlayHint, InlayKind};
pub use features::hover::Hover;
pub use features::navigate::{Highlight, Location, Target};
pub use features::rename::{Refusal, RenameTarget, SourceChange};
pub use features::structure::{DocumentLink, LinkTarget, SignatureHelp};
pub use features::symbols::{Symbol, SymbolKind};
pub use features::tokens::{SemanticToken, TokenKind};
pub use features::workspace::WorkspaceSymbol;
pub use host::{Analysis, AnalysisHost, Cancellable, Cancelled, FileId};
pub use index::FileIndex;
pub use settings::{Level, Settings, SettingsError};
