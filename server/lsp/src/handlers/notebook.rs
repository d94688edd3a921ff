//! `metascript/notebook`: a script as the cells of a notebook. See docs/protocol.md.

use std::sync::Arc;

use metascript_analysis::notebook::{self, Piece, PieceKind};
use metascript_syntax::{Dialect, Document, Language};
use serde::{Deserialize, Serialize};
use tower_lsp_server::jsonrpc::{Error, Result};

use crate::state::State;

#[derive(Debug, Deserialize)]
pub(crate) struct Params {
    text: String,
}

/// The pieces of a script. Their texts, one after the other, are the script.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    dialect: &'static str,
    /// How a new cell is written: with braces or with a fence.
    style: &'static str,
    pieces: Vec<PieceText>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PieceText {
    kind: &'static str,
    language: String,
    before: String,
    content: String,
    after: String,
    indented: bool,
}

/// A text longer than this is no script that anybody reads as a notebook, in bytes.
const LONGEST: usize = 16 << 20;

pub(crate) async fn handle(state: &Arc<State>, params: Params) -> Result<Answer> {
    if params.text.len() > LONGEST {
        return Err(Error::invalid_params(
            "the script is too large for a notebook",
        ));
    }
    state.detached(move || answer(&params.text)).await
}

fn answer(text: &str) -> Answer {
    let document = Document::parse(text);
    let dialect = document.dialect();
    Answer {
        dialect: dialect.as_str(),
        style: if dialect == Dialect::Literate {
            "fence"
        } else {
            "brace"
        },
        pieces: notebook::pieces(&document)
            .iter()
            .map(|piece| describe(piece, text))
            .collect(),
    }
}

fn describe(piece: &Piece, text: &str) -> PieceText {
    let slice = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
    let (kind, language, indented) = match &piece.kind {
        PieceKind::Code { language, indented } => ("code", Language::as_str(language), *indented),
        PieceKind::Markup => ("markup", "markdown", false),
        PieceKind::Script => ("script", "metascript", false),
    };
    PieceText {
        kind,
        language: language.to_owned(),
        before: slice(piece.range.start..piece.content.start),
        content: slice(piece.content.clone()),
        after: slice(piece.content.end..piece.range.end),
        indented,
    }
}
