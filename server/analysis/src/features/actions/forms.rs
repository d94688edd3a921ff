//! The forms that text and cells can be written in.

use metascript_syntax::CellForm;
use metascript_syntax::schema::{BlockBody, schema};

use super::place::{Place, action, replace};
use super::{ActionKind, CodeAction};
use crate::ir::{Span, ValueKind};

/// Text in quotes, in triple quotes or in backticks.
pub(super) fn text(place: &Place<'_>) -> Vec<CodeAction> {
    let Some(value) = place
        .located
        .value
        .filter(|_| place.located.property.is_some())
    else {
        return Vec::new();
    };
    let ValueKind::Text { inner, raw, .. } = &value.kind else {
        return Vec::new();
    };
    let (whole, inside) = (place.slice(value.span), place.slice(*inner));
    let quote = if whole.starts_with("\"\"\"") {
        Quote::Triple
    } else if whole.starts_with('`') {
        Quote::Backtick
    } else if !raw && whole.starts_with('"') && whole.ends_with('"') && whole.len() > 1 {
        Quote::Plain
    } else {
        return Vec::new();
    };
    let meant = match quote {
        Quote::Plain => unescaped(inside),
        // A backslash in raw text may stand before `${`: what it means there is not for us to move.
        Quote::Triple | Quote::Backtick => (!inside.contains('\\')).then(|| inside.to_owned()),
    };
    let Some(meant) = meant else {
        return Vec::new();
    };
    // Nobody wants three quotes around a word.
    let worth = quote != Quote::Plain || meant.contains(['\n', '"']);
    if !worth {
        return Vec::new();
    }
    [Quote::Plain, Quote::Triple, Quote::Backtick]
        .into_iter()
        .filter(|other| *other != quote)
        .filter_map(|other| {
            let text = other.written(&meant)?;
            let edit = replace(place.range(value.span), text);
            Some(action(other.title(), ActionKind::Rewrite, vec![edit]))
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Plain,
    Triple,
    Backtick,
}

impl Quote {
    const fn title(self) -> &'static str {
        match self {
            Quote::Plain => "Write the text in quotes",
            Quote::Triple => "Write the text in triple quotes",
            Quote::Backtick => "Write the text in backticks",
        }
    }

    /// The text in these quotes; `None` when they cannot hold it.
    fn written(self, text: &str) -> Option<String> {
        match self {
            Quote::Plain => {
                let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
                let escaped = escaped.replace('\n', "\\n").replace('\t', "\\t");
                (!text.contains(['\r'])).then(|| format!("\"{escaped}\""))
            }
            Quote::Triple => {
                let fits = !text.contains("\"\"\"") && !text.ends_with('"') && !text.contains('\\');
                fits.then(|| format!("\"\"\"{text}\"\"\""))
            }
            Quote::Backtick => (!text.contains(['`', '\\'])).then(|| format!("`{text}`")),
        }
    }
}

/// The text that `\n`, `\"` and their like stand for; `None` for an escape of another kind.
fn unescaped(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        out.push(match chars.next()? {
            'n' => '\n',
            't' => '\t',
            '"' => '"',
            _ => return None,
        });
    }
    Some(out)
}

/// `LANG("PYTHON") { }` and `PYTHON { }`.
pub(super) fn cell(place: &Place<'_>) -> Option<CodeAction> {
    let cell = place.located.cell?;
    let word = cell
        .keyword
        .as_ref()
        .filter(|word| word.span.touches(place.at))?;
    let header = place.slice(Span {
        end: cell.code.start,
        ..cell.span
    });
    let head = header.get(..header.find('{')?)?;
    let range = place.range(cell.span).start;
    let range = range..range + head.trim_end().len();
    match cell.form {
        CellForm::Lang => {
            let keyword = cell.language.as_str().to_uppercase();
            let known = schema()
                .block(&keyword)
                .is_some_and(|spec| spec.body == BlockBody::Code);
            // A name or an output in the header has no place in the other form.
            if !known || head.contains([',', '=']) || cell.name.is_some() {
                return None;
            }
            let title = format!("Write as `{keyword} {{ }}`");
            Some(action(
                title,
                ActionKind::Rewrite,
                vec![replace(range, keyword)],
            ))
        }
        CellForm::Brace if head.trim() == word.text.as_str() => {
            let text = format!("LANG(\"{}\")", word.text);
            let title = format!("Write as `{text} {{ }}`");
            Some(action(
                title,
                ActionKind::Rewrite,
                vec![replace(range, text)],
            ))
        }
        CellForm::Brace | CellForm::Fence => None,
    }
}
