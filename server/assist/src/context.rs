//! What a model is told besides the text around the cursor: stable parts first, so that providers find the beginning
//! of a prompt in their cache; all of it within a budget of tokens.

use metascript_syntax::schema::schema;

use crate::provider::{ContextPart, Fill};
use crate::tokens;

/// What is visible at the cursor, told by whoever analyses scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Names that can be used, nearest first.
    pub names: Vec<ScopeName>,
    /// Blocks that the cursor's block reads from or that read from it.
    pub related: Vec<ContextPart>,
}

/// A name in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeName {
    /// The name.
    pub name: String,
    /// What it is: variable, function, agent.
    pub kind: String,
    /// Its type, if known.
    pub type_name: Option<String>,
    /// Its last value, shortened, if a run left one.
    pub value: Option<String>,
}

/// The language in words; the same in every prompt.
pub(crate) const LANGUAGE: &str = "\
Metascript is a language of named blocks: KEYWORD name { key: value }. Values are strings in double quotes, numbers, \
true, false, null, arrays [a, b] and objects { key: value }. \"${name}\" inserts a variable. DESCRIBE says what the \
script is, CONFIG holds settings, VARIABLE name { value: ... } binds a name, ACTION { type: \"...\" ... } does \
something, IF, FOR, WHILE, FUNCTION, TRY control the flow, AGENT and TASK describe work, PROMPT { text: \"...\" } asks \
a model. FSHARP { ... }, PYTHON { ... }, JAVASCRIPT { ... } and others hold code; a last line output_variable: \"x\" \
keeps the result.";

/// The grammar of a block in words.
pub(crate) fn block_in_words(keyword: &str) -> Option<String> {
    let spec = schema().block(keyword)?;
    let mut words = format!("{}: {}\n", spec.keyword, spec.docs.trim());
    for property in spec.properties.iter().take(24) {
        words.push_str(&format!(
            "{}: {}\n",
            property.name,
            property.docs.lines().next().unwrap_or_default()
        ));
    }
    if !spec.example.is_empty() {
        words.push_str(spec.example.trim());
    }
    Some(words)
}

/// The keyword of the innermost block that is open at the end of a text.
pub(crate) fn open_keyword(before: &str) -> Option<&str> {
    let mut depth = 0;
    for line in before.lines().rev() {
        let line = line.trim();
        for c in line.chars().rev() {
            match c {
                '}' => depth += 1,
                '{' if depth == 0 => {
                    return line
                        .split([' ', '(', '{', ':'])
                        .next()
                        .filter(|word| !word.is_empty());
                }
                '{' => depth -= 1,
                _ => {}
            }
        }
    }
    None
}

fn names_in_words(scope: &Scope) -> Option<ContextPart> {
    let mut text = String::new();
    for name in scope.names.iter().take(40) {
        text.push_str(&name.name);
        text.push_str(": ");
        text.push_str(name.type_name.as_deref().unwrap_or(&name.kind));
        if let Some(value) = &name.value {
            text.push_str(" = ");
            text.extend(value.chars().take(60));
        }
        text.push('\n');
    }
    (!text.is_empty()).then(|| ContextPart {
        title: "Names in scope".to_owned(),
        text,
    })
}

/// The request for a hole. `window` is what the model can read and write together, in tokens.
pub(crate) fn fill(
    before: &str,
    after: &str,
    scope: &Scope,
    similar: Vec<(String, String)>,
    window: u32,
    max_tokens: u32,
) -> Fill {
    /// More context costs time and gains little.
    const MOST: u32 = 4096;
    let budget = window.saturating_sub(max_tokens + 128).min(MOST);
    let prefix = tokens::tail(before, budget / 2);
    let suffix = tokens::head(after, budget / 8);
    let mut left = budget - tokens::estimate_len(prefix.len() + suffix.len());
    let mut context = Vec::new();
    let mut add = |part: ContextPart| {
        let cost = tokens::estimate_len(part.title.len() + part.text.len()) + 4;
        if cost <= left {
            left -= cost;
            context.push(part);
        }
    };
    add(ContextPart {
        title: "The language".to_owned(),
        text: LANGUAGE.to_owned(),
    });
    if let Some(text) = open_keyword(before).and_then(block_in_words) {
        add(ContextPart {
            title: "The block".to_owned(),
            text,
        });
    }
    for (title, text) in similar {
        add(ContextPart { title, text });
    }
    for part in &scope.related {
        add(part.clone());
    }
    if let Some(names) = names_in_words(scope) {
        add(names);
    }
    Fill {
        context,
        prefix: prefix.to_owned(),
        suffix: suffix.to_owned(),
        max_tokens,
        temperature: 0.0,
        stop: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_parts_come_first_and_the_budget_holds() {
        let scope = Scope {
            names: vec![ScopeName {
                name: "rows".into(),
                kind: "variable".into(),
                type_name: Some("list".into()),
                value: Some("[1, 2]".into()),
            }],
            related: vec![ContextPart {
                title: "related".into(),
                text: "VARIABLE rows {}".into(),
            }],
        };
        let before = format!("{}\nACTION {{\n    type: ", "x".repeat(50_000));
        let fill = super::fill(
            &before,
            "\n}\n",
            &scope,
            vec![("b.tars".into(), "ACTION {}".into())],
            2048,
            128,
        );
        let titles: Vec<_> = fill
            .context
            .iter()
            .map(|part| part.title.as_str())
            .collect();
        assert_eq!(
            titles,
            [
                "The language",
                "The block",
                "b.tars",
                "related",
                "Names in scope"
            ]
        );
        assert_eq!(fill.context[4].text, "rows: list = [1, 2]\n");
        let total: usize = fill
            .context
            .iter()
            .map(|part| part.text.len())
            .sum::<usize>()
            + fill.prefix.len()
            + fill.suffix.len();
        assert!(tokens::estimate_len(total) + 128 < 2048, "{total}");
        assert!(fill.prefix.ends_with("ACTION {\n    type: "));
    }

    #[test]
    fn the_open_block_is_found() {
        assert_eq!(
            open_keyword("A {\n}\nTASK t {\n  ACTION {\n    x: {}\n  }\n  "),
            Some("TASK")
        );
        assert_eq!(open_keyword("A {\n}\n"), None);
    }
}
