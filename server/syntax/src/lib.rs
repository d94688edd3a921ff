//! From text to tree, and what the tree means: documents, dialects, cells, positions, a typed view.
//!
//! Parsing never fails, and an edited document has the same tree as the same text parsed from scratch.

pub mod ast;
mod cell;
mod dialect;
mod document;
mod error;
pub mod format;
mod kept;
mod language;
pub mod position;
pub mod schema;

pub use cell::{Cell, CellForm, OUTPUT_KEYS};
pub use dialect::Dialect;
pub use document::{Document, TextEdit};
pub use error::{ErrorKind, HintKind, SyntaxError, SyntaxHint};
pub use language::Language;
