//! What the F# compiler knows of a place in an F# cell: for completion, hover and signatures.

use std::ops::Range as Bytes;
use std::sync::Arc;

use metascript_analysis::Cancellable;
use metascript_sandbox::FSharpSignature;
use metascript_syntax::Document;
use metascript_syntax::position::PositionEncoding;
use tower_lsp_server::gen_lsp_types::{CompletionItem, Range};

use crate::convert;
use crate::fsharp::{self, Place};
use crate::handlers::live_members;
use crate::state::{Query, State};

/// What the compiler is asked about.
pub(crate) struct Question {
    place: Place,
    document: Document,
    encoding: PositionEncoding,
}

/// The question that a place is, if it is in an F# cell.
pub(crate) fn question(query: &Query<'_>, offset: usize) -> Cancellable<Option<Question>> {
    let place = fsharp::place(query, offset)?;
    Ok(place.map(|place| Question {
        place,
        document: query.open.document.clone(),
        encoding: query.encoding,
    }))
}

/// Names that can stand there. Without a letter or a dot before it there would be too many.
pub(crate) async fn complete(state: &Arc<State>, question: Question) -> Vec<CompletionItem> {
    let Question {
        place:
            Place {
                script,
                cell,
                offset,
                start,
            },
        document,
        encoding,
    } = question;
    let before = script.cells.get(cell).and_then(|code| code.get(..offset));
    let Some(before) = before.filter(|text| {
        text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '.')
    }) else {
        return Vec::new();
    };
    let widths: Vec<usize> = before.chars().rev().map(char::len_utf8).take(256).collect();
    let found = state
        .fsharp
        .ask(state, move |editor| editor.complete(&script, cell, offset))
        .await
        .unwrap_or_default();
    let cursor = start + offset;
    let items = found.into_iter().enumerate().filter_map(|(rank, one)| {
        let typed = usize::try_from(one.replaces).ok()?;
        let width: usize = widths.get(..typed)?.iter().sum();
        let range = convert::range(document.rope(), &(cursor - width..cursor), encoding);
        Some(live_members::item(one, rank, range))
    });
    items.collect()
}

/// What the name there means, as Markdown, and where it stands.
pub(crate) async fn hover(state: &Arc<State>, question: Question) -> Option<(String, Range)> {
    let Question {
        place:
            Place {
                script,
                cell,
                offset,
                start,
            },
        document,
        encoding,
    } = question;
    let found = state
        .fsharp
        .ask(state, move |editor| editor.inspect(&script, cell, offset))
        .await??;
    let mut text = format!("```fsharp\n{}\n```", found.signature);
    if !found.documentation.is_empty() {
        text.push_str("\n\n");
        text.push_str(&found.documentation);
    }
    let bytes = start + found.range.start..start + found.range.end;
    Some((text, convert::range(document.rope(), &bytes, encoding)))
}

/// Ways to call what is called there, each with its parameters in bytes of the text, and the parameter in hand.
pub(crate) async fn signatures(
    state: &Arc<State>,
    question: Question,
) -> Option<(Vec<(String, Vec<Bytes<usize>>)>, usize)> {
    let Place {
        script,
        cell,
        offset,
        ..
    } = question.place;
    let (found, active) = state
        .fsharp
        .ask(state, move |editor| {
            editor.signatures(&script, cell, offset)
        })
        .await??;
    let plain = |FSharpSignature { label, parameters }| (label, parameters);
    Some((found.into_iter().map(plain).collect(), active))
}
