//! The TextMate grammar, made from the language's own tables: a keyword that the server learns is coloured too.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};

/// Everything that does not depend on the tables.
const BASE: &str = include_str!("base.tmLanguage.json");

/// An embedded language as VS Code knows it.
struct Embedded {
    /// Canonical name, as in the tables.
    language: &'static str,
    /// Scope of its TextMate grammar.
    scope: &'static str,
    /// VS Code's language id.
    id: &'static str,
    /// Other words for it: the ones after a code fence or inside `LANG("...")`.
    words: &'static [&'static str],
}

const EMBEDDED: &[Embedded] = &[
    Embedded {
        language: "fsharp",
        scope: "source.fsharp",
        id: "fsharp",
        words: &["fsharp", "f#", "fs", "fsx"],
    },
    Embedded {
        language: "csharp",
        scope: "source.cs",
        id: "csharp",
        words: &["csharp", "c#", "cs"],
    },
    Embedded {
        language: "python",
        scope: "source.python",
        id: "python",
        words: &["python", "py"],
    },
    Embedded {
        language: "javascript",
        scope: "source.js",
        id: "javascript",
        words: &["javascript", "js"],
    },
    Embedded {
        language: "typescript",
        scope: "source.ts",
        id: "typescript",
        words: &["typescript", "ts"],
    },
    Embedded {
        language: "rust",
        scope: "source.rust",
        id: "rust",
        words: &["rust", "rs"],
    },
    Embedded {
        language: "sql",
        scope: "source.sql",
        id: "sql",
        words: &["sql"],
    },
    Embedded {
        language: "bash",
        scope: "source.shell",
        id: "shellscript",
        words: &["bash", "shell", "sh", "command"],
    },
    Embedded {
        language: "powershell",
        scope: "source.powershell",
        id: "powershell",
        words: &["powershell", "ps1", "pwsh"],
    },
    Embedded {
        language: "cuda",
        scope: "source.cuda-cpp",
        id: "cuda",
        words: &["cuda"],
    },
    Embedded {
        language: "julia",
        scope: "source.julia",
        id: "julia",
        words: &["julia"],
    },
    Embedded {
        language: "yaml",
        scope: "source.yaml",
        id: "yaml",
        words: &["yaml", "yml"],
    },
];

#[derive(Deserialize)]
struct Tables {
    block: Vec<Block>,
}

#[derive(Deserialize)]
struct Block {
    keyword: String,
    group: String,
    body: String,
    language: Option<String>,
}

/// The grammar as it has to be committed.
///
/// `blocks` is the text of `server/syntax/src/schema/blocks.toml`.
pub(super) fn generate(blocks: &str) -> Result<String> {
    let tables: Tables = toml::from_str(blocks).context("the block tables cannot be read")?;
    let mut grammar: Value = serde_json::from_str(BASE).context("the base grammar is not JSON")?;
    let Some(repository) = grammar.get_mut("repository").and_then(Value::as_object_mut) else {
        bail!("the base grammar has no repository");
    };
    repository.insert("headers".into(), headers(&tables.block));
    repository.insert("cells".into(), cells(&tables.block));
    repository.insert("prose".into(), prose(&tables.block));
    repository.insert("fences".into(), fences());
    Ok(serde_json::to_string_pretty(&grammar)? + "\n")
}

/// Block headers: the known keywords by what they are, and any other word before a brace.
fn headers(blocks: &[Block]) -> Value {
    let mut by_scope: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for block in blocks.iter().filter(|block| block.body != "code") {
        let scope = match block.group.as_str() {
            "control" => "keyword.control",
            "function" => "storage.type.function",
            "metadata" | "configuration" => "keyword.other",
            _ => "storage.type",
        };
        by_scope.entry(scope).or_default().push(&block.keyword);
    }
    let mut patterns: Vec<Value> = by_scope
        .iter()
        .map(|(scope, keywords)| {
            header(
                &alternatives(keywords),
                &format!("{scope}.block.metascript"),
            )
        })
        .collect();
    patterns.push(header(
        "[A-Za-z_][A-Za-z0-9_]*",
        "entity.name.type.block.metascript",
    ));
    json!({ "patterns": patterns })
}

/// `KEYWORD name "title" key="value" (arguments) {`, all optional but the keyword and the brace.
fn header(keyword: &str, scope: &str) -> Value {
    json!({
        "match": format!(r#"(?<![\w$."'#])({keyword})(?![\w#])(?:\s+(IF\b))?(?:\s+([A-Za-z_][\w.-]*)(?!\s*[=(]))?((?:\s+(?:"[^"\n]*"|\w+\s*=\s*(?:"[^"\n]*"|[\w.]+)|\w+))*)\s*(\([^)\n]*\))?\s*(?=\{{(?!\{{))"#),
        "captures": {
            "1": { "name": scope },
            "2": { "name": "keyword.control.block.metascript" },
            "3": { "name": "entity.name.function.block.metascript" },
            "4": { "patterns": [{ "include": "#property" }, { "include": "#values" }] },
            "5": { "patterns": [{ "include": "#property" }, { "include": "#values" }, { "include": "#punctuation" }] }
        }
    })
}

/// Code cells. The embedded grammar knows its strings, comments and braces; what it leaves is counted by us.
fn cells(blocks: &[Block]) -> Value {
    let patterns: Vec<Value> = EMBEDDED
        .iter()
        .map(|embedded| {
            let mut keywords: Vec<&str> = blocks
                .iter()
                .filter(|block| block.body == "code" && block.language.as_deref() == Some(embedded.language))
                .map(|block| block.keyword.as_str())
                .collect();
            match embedded.language {
                "fsharp" => keywords.push("F#"),
                "csharp" => keywords.push("C#"),
                "yaml" => keywords.push("YAML"),
                _ => {}
            }
            let keyword = alternatives(&keywords);
            let lang = alternatives(embedded.words);
            let content = format!("meta.embedded.block.{}", embedded.id);
            let own = json!({ "include": embedded.scope });
            json!({
                "begin": format!(r#"(?<![\w$."'#])(?:((?i:{keyword}))|(LANG)\s*\(\s*["']?((?i:{lang}))["']?\s*\))(?:\s+([A-Za-z_]\w*))?\s*(\([^)\n]*\))?\s*(\{{)"#),
                "beginCaptures": {
                    "1": { "name": "keyword.control.cell.metascript" },
                    "2": { "name": "keyword.control.cell.metascript" },
                    "3": { "name": "string.quoted.double.metascript" },
                    "4": { "name": "entity.name.function.cell.metascript" },
                    "5": { "patterns": [{ "include": "#property" }, { "include": "#values" }] },
                    "6": { "name": "punctuation.section.braces.metascript" }
                },
                "end": r"\}",
                "endCaptures": { "0": { "name": "punctuation.section.braces.metascript" } },
                "contentName": content,
                "patterns": [
                    {
                        "match": r#"^\s*(output_variable|result_variable)\s*(:)\s*("[^"\n]*")\s*$"#,
                        "captures": {
                            "1": { "name": "support.type.property-name.metascript" },
                            "2": { "name": "punctuation.separator.key-value.metascript" },
                            "3": { "name": "string.quoted.double.metascript" }
                        }
                    },
                    own,
                    { "include": format!("#braces-{}", embedded.language) }
                ],
                "repository": {
                    format!("braces-{}", embedded.language): {
                        "begin": r"\{", "end": r"\}",
                        "patterns": [own, { "include": format!("#braces-{}", embedded.language) }]
                    }
                }
            })
        })
        .collect();
    json!({ "patterns": patterns })
}

/// Blocks of prose and of languages without a grammar: text up to the matching brace.
fn prose(blocks: &[Block]) -> Value {
    let known = |language: &str| {
        EMBEDDED
            .iter()
            .any(|embedded| embedded.language == language)
    };
    let keywords: Vec<&str> = blocks
        .iter()
        .filter(|block| match block.body.as_str() {
            "prose" => block.keyword != "YAML",
            "code" => block
                .language
                .as_deref()
                .is_some_and(|language| !known(language)),
            _ => false,
        })
        .map(|block| block.keyword.as_str())
        .collect();
    let keywords = alternatives(&keywords);
    json!({
        "begin": format!(r#"(?<![\w$."'#])({keywords}|reasoning)(?:\s+([A-Za-z_]\w*))?\s*(\{{)"#),
        "beginCaptures": {
            "1": { "name": "storage.type.block.metascript" },
            "2": { "name": "entity.name.function.block.metascript" },
            "3": { "name": "punctuation.section.braces.metascript" }
        },
        "end": r"\}",
        "endCaptures": { "0": { "name": "punctuation.section.braces.metascript" } },
        "contentName": "string.unquoted.prose.metascript",
        "patterns": [{ "include": "#interpolation" }, { "include": "#prose-braces" }],
        "repository": {
            "prose-braces": { "begin": r"\{", "end": r"\}", "patterns": [{ "include": "#prose-braces" }] }
        }
    })
}

/// Cells of literate scripts. A fence ends by its line alone, so nothing inside can run past it.
fn fences() -> Value {
    let fence = |words: &str, content: Option<String>, patterns: Value| {
        let mut rule = json!({
            "begin": format!(r"^\s*(`{{3,}})\s*({words})(?=[\s{{]|$)([^\n]*)$"),
            "beginCaptures": {
                "1": { "name": "punctuation.definition.fence.metascript" },
                "2": { "name": "keyword.control.cell.metascript" },
                "3": { "patterns": [{ "include": "#property" }, { "include": "#values" }] }
            },
            "while": r"^(?!\s*`{3,}\s*$)",
            "patterns": patterns
        });
        if let (Some(content), Some(rule)) = (content, rule.as_object_mut()) {
            rule.insert("contentName".into(), content.into());
        }
        rule
    };
    let mut patterns: Vec<Value> = EMBEDDED
        .iter()
        .map(|embedded| {
            fence(
                &format!("(?i:{})", alternatives(embedded.words)),
                Some(format!("meta.embedded.block.{}", embedded.id)),
                json!([{ "include": embedded.scope }]),
            )
        })
        .collect();
    patterns.push(fence(r"[\w#+-]+", None, json!([])));
    patterns.push(
        json!({ "match": r"^\s*`{3,}\s*$", "name": "punctuation.definition.fence.metascript" }),
    );
    json!({ "patterns": patterns })
}

/// The words as alternatives of a regular expression, longest first so that none hides another.
fn alternatives(words: &[&str]) -> String {
    let mut words = words.to_vec();
    words.sort_by_key(|word| (std::cmp::Reverse(word.len()), *word));
    words.join("|")
}

#[cfg(test)]
mod tests {
    use super::generate;

    const TABLES: &str = r#"
        [[block]]
        keyword = "IF"
        group = "control"
        body = "mixed"
        [[block]]
        keyword = "PYTHON"
        group = "code"
        body = "code"
        language = "python"
    "#;

    #[test]
    fn keywords_come_from_the_tables() {
        let grammar = generate(TABLES).unwrap();
        assert!(grammar.contains(r#"keyword.control.block.metascript"#));
        assert!(grammar.contains("((?i:PYTHON))"));
        assert!(!grammar.contains("AGENT"));
    }

    #[test]
    fn broken_tables_are_an_error() {
        assert!(generate("[[block]]\nkeyword = 3").is_err());
    }
}
