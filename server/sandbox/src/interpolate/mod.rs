//! `${name}` in a cell: a value of the cell's language, never text that becomes code.
//!
//! In code the value stands as a literal of the language, or as the variable itself; in a string literal as text, escaped
//! as that literal needs it. What is the language's own (template literals of JavaScript, `f"..."` of Python, `$"..."` of
//! F#, the first text of `println!` in Rust) stays as it is, as do comments and names that no variable has.

mod lexer;
mod literal;

use std::ops::Range;

use crate::value::Value;
use crate::{CellSource, Language};

pub(crate) use lexer::Text;

/// A `${...}` that stands for a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hole {
    /// From `$` to `}`, in bytes of the cell.
    pub(crate) range: Range<usize>,
    /// The variable.
    pub(crate) name: String,
    /// What of it: `.key` and `[0]`.
    steps: Vec<Step>,
    /// The string literal that it stands in.
    within: Option<Text>,
}

impl Hole {
    /// It stands in code, not in a string.
    pub(crate) fn is_code(&self) -> bool {
        self.within.is_none()
    }

    /// It stands for the whole value of its variable.
    pub(crate) fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

/// Why a value cannot stand where it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// Where, in bytes of the cell.
    pub(crate) at: usize,
    pub(crate) message: String,
}

/// Longest path between `${` and `}`, in bytes: a cell of nothing but openings is read in one pass.
const MAX_PATH: usize = 1024;

/// The places of a cell that may stand for values.
pub(crate) fn holes(cell: &CellSource) -> Vec<Hole> {
    if !cell.code.contains("${") {
        return Vec::new();
    }
    let spans = if cell.raw_interpolation {
        vec![(0..cell.code.len(), None)]
    } else {
        lexer::open_spans(cell.language, &cell.code)
    };
    spans
        .into_iter()
        .flat_map(|(span, within)| in_span(&cell.code, &span, within))
        .collect()
}

fn in_span(code: &str, span: &Range<usize>, within: Option<Text>) -> Vec<Hole> {
    let mut found = Vec::new();
    let mut at = span.start;
    while let Some(start) = code
        .get(at..span.end)
        .and_then(|rest| rest.find("${"))
        .map(|offset| at + offset)
    {
        at = start + 2;
        let escaped = within.is_some_and(|text| text.escapes)
            && code.get(span.start..start).is_some_and(|before| {
                before
                    .bytes()
                    .rev()
                    .take_while(|byte| *byte == b'\\')
                    .count()
                    % 2
                    == 1
            });
        let inside = code.get(at..span.end).unwrap_or_default();
        let close = inside.bytes().take(MAX_PATH).position(|byte| byte == b'}');
        let Some(length) = close.filter(|_| !escaped) else {
            continue;
        };
        if let Some((name, steps)) = inside.get(..length).and_then(path) {
            at += length + 1;
            found.push(Hole {
                range: start..at,
                name,
                steps,
                within,
            });
        }
    }
    found
}

/// `name`, `name.key`, `name[0]["key"]`. Other expressions stand for nothing.
fn path(text: &str) -> Option<(String, Vec<Step>)> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let word = |text: &str| {
        let end = text.find(|one| !is_word(one)).unwrap_or(text.len());
        text.split_at_checked(end)
            .filter(|(word, _)| !word.is_empty())
            .map(|(word, rest)| (word.to_owned(), rest.to_owned()))
    };
    let text = text.trim();
    if text.starts_with(|first: char| first.is_numeric()) {
        return None;
    }
    let (name, mut rest) = word(text)?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let (key, next) = word(after)?;
            steps.push(match key.parse() {
                Ok(index) => Step::Index(index),
                Err(_) => Step::Key(key),
            });
            rest = next;
        } else {
            let (inside, next) = rest.strip_prefix('[')?.split_once(']')?;
            let quoted = ['"', '\''].into_iter().find_map(|quote| {
                inside
                    .strip_prefix(quote)
                    .and_then(|inside| inside.strip_suffix(quote))
            });
            steps.push(match quoted {
                Some(key) => Step::Key(key.to_owned()),
                None => Step::Index(inside.trim().parse().ok()?),
            });
            rest = next.to_owned();
        }
    }
    Some((name, steps))
}

fn follow<'a>(value: &'a Value, steps: &[Step]) -> Option<std::borrow::Cow<'a, Value>> {
    use std::borrow::Cow;

    let mut value = Cow::Borrowed(value);
    for step in steps {
        let next = match (value.as_ref(), step) {
            (Value::Map(entries), Step::Key(key)) => entries
                .iter()
                .find_map(|(name, value)| (name == key).then(|| value.clone())),
            (Value::List(items), Step::Index(index)) => items.get(*index).cloned(),
            (Value::List(items), Step::Key(key)) if key == "length" => {
                i64::try_from(items.len()).ok().map(Value::Integer)
            }
            (Value::Table(table), Step::Key(key)) => table
                .columns()
                .iter()
                .find_map(|(name, cells)| (name == key).then(|| Value::List(cells.clone()))),
            _ => None,
        };
        value = Cow::Owned(next?);
    }
    Some(value)
}

/// The cell with values in its holes; `value` knows them. A hole of an unknown name stays as it is.
pub(crate) fn fill(
    cell: &CellSource,
    holes: &[Hole],
    value: impl Fn(&str) -> Option<Value>,
) -> Result<String, Misfit> {
    let mut filled = String::with_capacity(cell.code.len());
    let mut at = 0;
    for hole in holes {
        let Some(value) = value(&hole.name) else {
            continue;
        };
        let misfit = |message: String| Misfit {
            at: hole.range.start,
            message,
        };
        let place = cell.code.get(hole.range.clone()).unwrap_or_default();
        let inner = follow(&value, &hole.steps)
            .ok_or_else(|| misfit(format!("`{place}`: '{}' has no such part", hole.name)))?;
        filled.push_str(cell.code.get(at..hole.range.start).unwrap_or_default());
        at = hole.range.end;
        if cell.raw_interpolation {
            filled.push_str(&literal::plain(&inner).map_err(misfit)?);
            continue;
        }
        let after_backslash = filled.bytes().rev().take(9).any(|byte| byte == b'\\');
        if let Some(text) = hole.within {
            filled.push_str(
                &literal::escaped(&inner, text, after_backslash)
                    .map_err(|reason| misfit(format!("`{place}`: {reason}")))?,
            );
        } else {
            let touches = |one: Option<char>| {
                one.is_some_and(|one| {
                    one.is_alphanumeric() || matches!(one, '_' | '"' | '\'' | '`' | '@' | '$')
                })
            };
            let next = cell.code.get(at..).and_then(|rest| rest.chars().next());
            if touches(filled.chars().next_back()) || touches(next) {
                return Err(misfit(format!(
                    "`{place}` is a value and cannot be part of a name or a literal; put it into a text, or write \
                     `interpolate=\"raw\"`"
                )));
            }
            let whole = hole.steps.is_empty().then_some(hole.name.as_str());
            filled.push_str(
                &literal::code(&inner, cell.language, whole, next == Some('.'))
                    .map_err(|reason| misfit(format!("`{place}`: {reason}")))?,
            );
        }
    }
    filled.push_str(cell.code.get(at..).unwrap_or_default());
    Ok(filled)
}

/// The language whose literals a language has.
pub(crate) fn script_of(language: Language) -> Language {
    match language {
        Language::TypeScript => Language::JavaScript,
        other => other,
    }
}

#[cfg(test)]
mod tests;
