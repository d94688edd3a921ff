//! Split a cell at a statement, and merge neighbours of one language.

use metascript_syntax::{CellForm, Language};

use super::place::{Place, action, cell_of, replace};
use super::{ActionKind, CodeAction};
use crate::ir::{CellItem, Chunk, Span};
use crate::names::cell::statements;

/// Two cells out of one, the second beginning with the line of the cursor.
pub(super) fn split(place: &Place<'_>) -> Option<CodeAction> {
    let cell = place
        .located
        .cell
        .filter(|cell| cell.code.touches(place.at))?;
    let code = place.slice(cell.code);
    if !whole_lines(&place.placed.chunk, cell) {
        return None;
    }
    let within = (place.at - cell.code.start) as usize;
    let line = code.get(..within)?.rfind('\n')? + 1;
    if line == 0
        || code.get(..line)?.trim().is_empty()
        || !statements(&cell.language, code).contains(&line)
    {
        return None;
    }
    let (open, close) = frame(place, cell)?;
    let at = place.range(cell.code).start + line;
    let edit = replace(at..at, format!("{close}\n\n{open}\n"));
    Some(action(
        "Split the cell here",
        ActionKind::Rewrite,
        vec![edit],
    ))
}

/// The lines that open and close a cell of the same kind.
fn frame(place: &Place<'_>, cell: &CellItem) -> Option<(String, String)> {
    let indent = place.indent(place.range(cell.span).start)?;
    let header = place.slice(Span {
        end: cell.code.start,
        ..cell.span
    });
    let header = header.trim();
    Some(match cell.form {
        CellForm::Fence => {
            let mark: String = header
                .chars()
                .take_while(|c| matches!(c, '`' | '~'))
                .collect();
            let language = cell.language.as_str();
            (
                format!("{indent}{mark}{language}"),
                format!("{indent}{mark}"),
            )
        }
        CellForm::Brace => {
            let keyword = &cell.keyword.as_ref()?.text;
            (format!("{indent}{keyword} {{"), format!("{indent}}}"))
        }
        // A name stays with the first of the two.
        CellForm::Lang if cell.name.is_none() => {
            (format!("{indent}{header}"), format!("{indent}}}"))
        }
        CellForm::Lang => return None,
    })
}

/// One cell out of the one under the cursor and the one below it.
pub(super) fn merge(place: &Place<'_>) -> Option<CodeAction> {
    let cell = place.located.cell?;
    let header = Span {
        start: cell.span.start,
        end: cell.code.start,
    };
    let (before, after) = place.beside(cell.span.start);
    if !header.touches(place.at) {
        return None;
    }
    let here = (&*place.placed.chunk, place.placed.start, cell);
    let below = after.and_then(|next| Some((next.chunk, next.base, cell_of(next.item)?)));
    if let Some(below) = below
        && let Some(edit) = joined(place, here, below)
    {
        let title = "Merge with the cell below";
        return Some(action(title, ActionKind::Rewrite, vec![edit]));
    }
    let above = before.and_then(|one| Some((one.chunk, one.base, cell_of(one.item)?)))?;
    let edit = joined(place, above, here)?;
    let title = "Merge with the cell above";
    Some(action(title, ActionKind::Rewrite, vec![edit]))
}

type Found<'a> = (&'a Chunk, usize, &'a CellItem);

fn joined(
    place: &Place<'_>,
    (first_chunk, first_base, first): Found<'_>,
    (second_chunk, second_base, second): Found<'_>,
) -> Option<metascript_syntax::TextEdit> {
    let (one, other) = (
        first_chunk.slice(first.code),
        second_chunk.slice(second.code),
    );
    let fits = first.language == second.language
        && first.form == second.form
        && first.output.is_none()
        && second.name.is_none()
        && whole_lines(first_chunk, first)
        && whole_lines(second_chunk, second)
        && base_indent(one) == base_indent(other)
        && place.is_blank(first.span.at(first_base).end..second.span.at(second_base).start);
    if !fits || matches!(first.language, Language::Other(_)) {
        return None;
    }
    let glue = if one.ends_with('\n') { "" } else { "\n" };
    Some(replace(
        first.code.at(first_base).end..second.code.at(second_base).start,
        glue,
    ))
}

/// Whether the code begins on a line of its own.
fn whole_lines(chunk: &Chunk, cell: &CellItem) -> bool {
    let header = chunk.slice(Span {
        end: cell.code.start,
        ..cell.span
    });
    header.ends_with('\n')
}

fn base_indent(code: &str) -> Option<&str> {
    let line = code.lines().find(|line| !line.trim().is_empty())?;
    line.get(..line.len() - line.trim_start().len())
}
