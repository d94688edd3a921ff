//! What the grammar asks for: required properties that are missing, the value of an ACTION's type, closing braces.

use metascript_syntax::schema::{PropertySpec, schema};

use super::Guess;

/// The innermost open block before the cursor, read from its lines.
struct Open<'t> {
    keyword: &'t str,
    /// The properties that it has already.
    keys: Vec<&'t str>,
    action: Option<&'t str>,
    indentation: &'t str,
}

fn open_blocks(before: &str) -> Vec<Open<'_>> {
    let mut open: Vec<Open<'_>> = Vec::new();
    for line in before.lines() {
        let trimmed = line.trim();
        let indentation = line
            .get(..line.len() - line.trim_start().len())
            .unwrap_or_default();
        if let Some((key, value)) = trimmed.split_once(':')
            && key.chars().all(|c| c.is_alphanumeric() || c == '_')
            && let Some(block) = open.last_mut()
        {
            block.keys.push(key);
            if key == "type" {
                block.action = Some(value.trim().trim_matches('"'));
            }
        }
        for (at, c) in trimmed.char_indices() {
            match c {
                '{' => {
                    let header = trimmed.get(..at).unwrap_or_default();
                    let keyword = header.split([' ', '(', ':']).next().unwrap_or_default();
                    open.push(Open {
                        keyword,
                        keys: Vec::new(),
                        action: None,
                        indentation,
                    });
                }
                '}' => drop(open.pop()),
                _ => {}
            }
        }
    }
    open
}

/// Guesses of the grammar alone. They say less than the workspace does, and rank below it.
pub(super) fn guesses(before: &str, after: &str, partial: &str) -> Vec<Guess> {
    let open = open_blocks(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut guesses = Vec::new();
    let Some(block) = open.last() else {
        return guesses;
    };
    let at_start = line.trim() == partial;
    if at_start && let Some(text) = next_property(block, partial) {
        guesses.push(Guess {
            text,
            origin: "the grammar".to_owned(),
            confidence: 0.02,
        });
    }
    let unclosed = open.len() > closers(after);
    if unclosed && partial.is_empty() && line.trim().is_empty() {
        let extra = line.strip_prefix(block.indentation).unwrap_or_default();
        // On a line that is indented deeper than the block the brace cannot stand; the next line can.
        if extra.is_empty() {
            guesses.push(Guess {
                text: "}".to_owned(),
                origin: "the grammar".to_owned(),
                confidence: 0.015,
            });
        }
    }
    guesses
}

fn closers(after: &str) -> usize {
    let (mut depth, mut closed) = (0_usize, 0_usize);
    for c in after.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => closed += 1,
            _ => {}
        }
    }
    closed
}

/// The first property that the block must have and has not, with the beginning of its value.
fn next_property(block: &Open<'_>, partial: &str) -> Option<String> {
    let spec = schema().block(block.keyword)?;
    let action = block.action.and_then(|action| schema().action(action));
    let required = spec
        .required
        .iter()
        .chain(action.map(|action| &action.required).into_iter().flatten());
    let missing = required
        .filter(|group| !group.iter().any(|name| block.keys.contains(&name.as_str())))
        .filter_map(|group| group.first())
        .find(|name| name.starts_with(partial))?;
    let known = action
        .and_then(|action| action.property(missing))
        .or_else(|| spec.property(missing))
        .map(value);
    let rest = missing.strip_prefix(partial)?;
    Some(format!(
        "{rest}: {}",
        known.unwrap_or_else(|| "\"\"".to_owned())
    ))
}

fn value(property: &PropertySpec) -> String {
    match property.values.first() {
        Some(value) => format!("\"{value}\""),
        None => "\"\"".to_owned(),
    }
}
