//! One file per request.

pub(crate) mod cells;
pub(crate) mod code_lens;
pub(crate) mod completion;
pub(crate) mod definition;
pub(crate) mod diagnostics;
pub(crate) mod document_highlight;
pub(crate) mod document_symbol;
pub(crate) mod document_text;
pub(crate) mod execute_command;
pub(crate) mod folding_range;
pub(crate) mod formatting;
pub(crate) mod hover;
pub(crate) mod place;
pub(crate) mod references;
pub(crate) mod text_document_content;
